import { io, type ManagerOptions, type SocketOptions } from "socket.io-client";
import type { Attendance, StoreOptions } from "./attendance.js";
import { createStore } from "./store.js";

export type { Attendance, Given, Storage, StoreOptions } from "./attendance.js";
export type { AttendanceSocket, Auth, ClientEvent, Payload, Replied, Reply, Token } from "./connection.js";
export { RefusedError, UnansweredError, type Refusal } from "./errors.js";
export { batchPerFrame, type Batch } from "./frameBatch.js";
export type * from "./events.js";
export { emptySession, type ClassState, type Link, type Sending, type Session, type Snapshot } from "./state.js";

/** The options of the store, and those of the official client: transports, path, reconnectionDelay and so on. */
export type Options = StoreOptions & Omit<Partial<ManagerOptions & SocketOptions>, "auth" | "autoConnect" | "forceNew">;

/** How long one attempt to connect may take, in milliseconds. Nothing else ends one whose connection is lost before the first packet. */
const CONNECT_TIMEOUT = 5000;

/** Connects to a server, such as `https://attendance.example.edu`, and keeps the attendance of one user live until it is closed. */
export function createAttendance(url: string, options: Options): Attendance {
  // Two stores never share a connection: a connection has one user. The store gives the socket its tokens.
  const socket = io(url, { timeout: CONNECT_TIMEOUT, ...options, auth: {}, autoConnect: false, forceNew: true });
  return createStore(socket, options);
}
