import type { Attendance, StoreOptions } from "./attendance.js";
import { createStore } from "./store.js";
import { FakeCampus } from "./testing/fakeCampus.js";
import { asSocket, FakeSocket } from "./testing/fakeSocket.js";

export { FakeCampus } from "./testing/fakeCampus.js";
export { FAKE_CODE } from "./testing/fakeClass.js";

export interface FakeAttendance extends Attendance {
  campus: FakeCampus;
  /** Loses the connection, with everything that is on its way, until `mend`. */
  cut: () => void;
  mend: () => void;
}

/**
 * A store as `createAttendance` makes it, with the rules of the server in memory in place of a connection. Stores with the same campus see
 * each other.
 */
export function createFakeAttendance({ campus = new FakeCampus(), ...options }: StoreOptions & { campus?: FakeCampus }): FakeAttendance {
  const socket = new FakeSocket(campus);
  const store = createStore(asSocket(socket), options);
  return { ...store, campus, cut: () => socket.cut(), mend: () => socket.mend() };
}
