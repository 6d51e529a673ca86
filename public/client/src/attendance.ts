import type { AttendanceSocket, Auth, ClientEvent, Payload, Replied, Reply } from "./connection.js";
import type { Id, Role } from "./events.js";
import type { Snapshot } from "./state.js";

/** Where marks are kept over a reload. */
export type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

export interface StoreOptions {
  userId: Id;
  role: Role;
  /** The student's name, for marks of their own. */
  name?: string | undefined;
  /** The token of a server with signed identities. It is asked for at each connect, so that it can be fresh. */
  auth?: Auth | undefined;
  /** The session types that are asked for on joining: lecture and lab. Others appear when they start. */
  sessionTypes?: readonly string[] | undefined;
  /** Where marks are kept over a reload until the server has decided on them: the tab's `sessionStorage`. */
  storage?: Storage | undefined;
  /** Called with the official client's socket before it connects, for a log. */
  onSocket?: ((socket: AttendanceSocket) => void) | undefined;
  /** Called with every acknowledgement, for a log. */
  onReply?: ((replied: Replied) => void) | undefined;
}

/** The data of an event, in which the store fills in some keys where they are missing. */
export type Given<E extends ClientEvent, Filled extends string> = Omit<Payload<E>, Filled> & Partial<Payload<E>>;

/**
 * One user's attendance, live. Actions resolve with what the server acknowledges. They reject with a RefusedError when the server says
 * no, and with an UnansweredError when no decision came.
 */
export interface Attendance {
  /** Calls the listener after each change of the snapshot, and returns what stops that. */
  subscribe: (listener: () => void) => () => void;
  /** What is known now: another object after each change, and the same one until then. */
  getSnapshot: () => Snapshot;
  /** Enters a class and stays in it over every reconnect. Resolves when its sessions are known. */
  join: (classId: Id) => Promise<void>;
  leave: (classId: Id) => Promise<void>;
  start: (session: Given<"initiateAttendance", "teacherId">) => Promise<Reply<"initiateAttendance">>;
  end: (session: Given<"endAttendance", "teacherId">) => Promise<Reply<"endAttendance">>;
  /** Marks the user, or the student that it names. The mark waits for the connection, and is sent until the server has decided on it. */
  mark: (mark: Given<"attendanceMarked", "studentId" | "studentName">) => Promise<Reply<"attendanceMarked">>;
  /** Asks for a session: today's, which becomes the state, unless there is a date. */
  fetch: (session: Given<"fetchAttendance", "date">) => Promise<Reply<"fetchAttendance">>;
  fetchCode: (session: Payload<"fetchAttendanceCode">) => Promise<Reply<"fetchAttendanceCode">>;
  /** Says who was in the class before this connection: the users of `GET /api/classes/{classId}/presence`. Events keep it current. */
  setHere: (classId: Id, users: readonly Id[]) => void;
  /** Ends the connection for good. Marks that wait stay in the storage. */
  close: () => void;
  /** The official client's socket, for what this store does not do. */
  socket: AttendanceSocket;
}

