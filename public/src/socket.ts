import { io, type Socket } from "socket.io-client";
import type { Ack, ClientToServerEvents, ServerToClientEvents } from "./events";
import { tabStorage } from "./shared/storage";

export type AttendanceSocket = Socket<ServerToClientEvents, ClientToServerEvents>;
export type ClientEvent = keyof ClientToServerEvents;
export type Payload<E extends ClientEvent> = Parameters<ClientToServerEvents[E]>[0];
type ReplyTo<E extends ClientEvent> = Parameters<Exclude<Parameters<ClientToServerEvents[E]>[1], undefined>>[0];

const TOKEN = "attendance.token";

/** The token of a server with signed identities; kept for this tab only. */
export const token = {
  get: () => tabStorage.get(TOKEN) ?? "",
  set: (value: string) => tabStorage.set(TOKEN, value),
};

/** The page's one connection, to the server that the page came from. useAttendance opens and closes it. */
export const socket: AttendanceSocket = io({
  path: document.querySelector<HTMLMetaElement>("meta[name=socket-path]")?.content ?? "/socket.io",
  autoConnect: false,
  auth: (send) => send(token.get() ? { token: token.get() } : {}),
});

/** A refusal. The message is the server's sentence, the reason its word for programs. */
export class RefusedError extends Error {
  constructor(message: string, readonly reason = "") {
    super(message);
  }
}

/** No decision came: the connection broke, or the server cannot do it now. Repeating the event does no harm. */
export class UnansweredError extends Error {}

/** The reasons with which the server refuses what it may do a moment later. */
const TEMPORARY = ["database_unavailable", "outcome_unknown", "too_slow", "shutting_down"];

export interface Asked { event: string; reply: Ack; milliseconds: number }
const listeners = new Set<(asked: Asked) => void>();

/** Calls back with every acknowledgement that arrives, for the developer panel. */
export function onReply(listener: (asked: Asked) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Sends one event and waits for its acknowledgement. The maps in events.ts make the types of event, payload and reply
 * agree where it is called; inside, socket.io-client's own types cannot follow a generic event name.
 */
export async function ask<E extends ClientEvent>(event: E, payload: Payload<E>): Promise<ReplyTo<E>> {
  const untyped: Socket = socket;
  if (!untyped.connected) throw new UnansweredError("You are offline.");
  const sent = performance.now();
  let reply: Ack;
  try {
    reply = (await untyped.timeout(8000).emitWithAck(event, payload)) as Ack;
  } catch {
    throw new UnansweredError("The server did not answer. Check the connection and try again.");
  }
  for (const listener of listeners) listener({ event, reply, milliseconds: performance.now() - sent });
  if (reply.success) return reply;
  const { message, reason = "" } = reply;
  throw TEMPORARY.includes(reason) ? new UnansweredError(message) : new RefusedError(message, reason);
}
