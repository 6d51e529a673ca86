import type { Socket } from "socket.io-client";
import { errorOf, RefusedError, UnansweredError } from "./errors.js";
import type { Ack, ClientToServerEvents, Replies, ServerToClientEvents } from "./events.js";

export type AttendanceSocket = Socket<ServerToClientEvents, ClientToServerEvents>;
export type ClientEvent = keyof ClientToServerEvents;
export type Payload<E extends ClientEvent> = Parameters<ClientToServerEvents[E]>[0];
/** The acknowledgement of an event that was done. */
export type Reply<E extends ClientEvent> = Replies[E];

/** An event that was sent, and its acknowledgement. */
export interface Replied {
  event: string;
  reply: Ack;
  milliseconds: number;
}

/** How long after an attempt without an answer the next one begins, in milliseconds. */
export const PAUSE = 1000;

/** How long an acknowledgement may take, in milliseconds. The server answers within half of that. */
const TIMEOUT = 8000;

/** The most bytes of an event's packet besides the JSON of its name and payload: its type, and the number of its acknowledgement. */
const ENVELOPE = 20;

/** What the official client keeps of the server's handshake: under the second name since 4.8. Its types hide both. */
interface Engine {
  maxPayload?: number;
  _maxPayload?: number;
}

/** Sends one event and waits for its acknowledgement. */
export type Send = <E extends ClientEvent>(event: E, payload: Payload<E>) => Promise<Reply<E>>;

/**
 * Sends the events of a socket. The maps of events make the types of event, payload and reply agree where it is called. Those of the
 * socket cannot follow a generic event name, so it has none.
 */
export function sender(socket: Socket, onReply?: (replied: Replied) => void): Send {
  return async <E extends ClientEvent>(event: E, payload: Payload<E>) => {
    if (!socket.connected) throw new UnansweredError("You are offline");
    const { maxPayload = Infinity, _maxPayload = maxPayload } = socket.io.engine as unknown as Engine;
    // The server would close the connection without an answer, and so each one after it, as often as this is sent again.
    if (new Blob([JSON.stringify([event, payload])]).size + ENVELOPE > _maxPayload) {
      throw new RefusedError("This is too large to send", "too_large");
    }
    const sent = Date.now();
    let reply: Ack;
    try {
      reply = (await socket.timeout(TIMEOUT).emitWithAck(event, payload)) as Ack;
    } catch {
      throw new UnansweredError("The server did not answer");
    }
    onReply?.({ event, reply, milliseconds: Date.now() - sent });
    if (!reply.success) throw errorOf(reply);
    return reply as unknown as Reply<E>;
  };
}

export type Token = string | null | undefined;

/** Returns the token to connect with. `refused` is why the server refused the one before, such as `token_expired`; null if it did not. */
export type Auth = (refused: string | null) => Token | Promise<Token>;

/**
 * Gives the socket a token at each connect, and a fresh one, once, when the server has refused it.
 * `refresh` tries that, and returns false if there is nothing more to try.
 */
export function authenticate(socket: AttendanceSocket, auth: Auth | undefined) {
  let refused: string | null = null;
  let latest = 0;

  if (auth) {
    socket.auth = (send) => {
      const mine = ++latest;
      // A connection that has ended meanwhile, or another token that was asked for, needs no answer.
      const answer = async () => {
        if (mine !== latest) return;
        try {
          const token = await auth(refused);
          if (mine === latest) send(token ? { token } : {});
        } catch {
          setTimeout(() => void answer(), PAUSE); // the application could not reach who makes its tokens
        }
      };
      void answer();
    };
  }
  return {
    refresh(reason: string): boolean {
      if (auth && refused === null && reason.startsWith("token_")) {
        refused = reason;
        socket.connect();
        return true;
      }
      return false;
    },
    accepted(): void {
      refused = null;
    },
    stop(): void {
      latest++;
    },
  };
}
