import { createAttendance, type Attendance, type StoreOptions, type Storage } from "@neuracampus/attendance-client";
import { createFakeAttendance, FakeCampus } from "@neuracampus/attendance-client/testing";
import { startServer, type Server } from "../../browser/support/server";
import { Relay } from "./relay";

/** A store whose connection can be lost. */
export interface Client extends Attendance {
  cut: () => void;
  mend: () => void;
}

/** What stores connect to: the server, or the fake in memory. */
export interface World {
  connect: (options: StoreOptions) => Promise<Client>;
  /** The most bytes that it takes of one event. */
  maxPayload: number;
  stop: () => Promise<void>;
}

/** Storage of one client, as each tab of a browser has its own. */
export function memoryStorage(): Storage & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

/** A store that reaches the server through a relay of its own, and reconnects quickly. */
export async function connectThroughRelay(server: Server, options: StoreOptions): Promise<Client & { relay: Relay }> {
  const relay = await Relay.start(server.url);
  // The official client does not notice that a connection is lost between the upgrade and the first packet: `timeout` ends that.
  const client = { transports: ["websocket"], reconnectionDelay: 10, reconnectionDelayMax: 50, timeout: 1000 };
  const store = createAttendance(relay.url, { storage: memoryStorage(), ...client, ...options });
  return {
    ...store,
    relay,
    cut: () => relay.cut(),
    mend: () => relay.mend(),
    close: () => {
      store.close();
      relay.remove();
    },
  };
}

async function realWorld(): Promise<World> {
  const maxPayload = 100_000; // not the default, which a client could assume
  const server = await startServer({ EVENT_RATE: "10000", MAX_PAYLOAD: String(maxPayload) });
  return { connect: (options) => connectThroughRelay(server, options), maxPayload, stop: server.stop };
}

function fakeWorld(): Promise<World> {
  const campus = new FakeCampus();
  return Promise.resolve({
    connect: (options) => Promise.resolve(createFakeAttendance({ campus, storage: memoryStorage(), ...options })),
    maxPayload: 1_000_000,
    stop: () => Promise.resolve(),
  });
}

export const worlds = { "the real server": realWorld, "the fake": fakeWorld };
