import type { AttendanceSocket } from "../connection.js";
import type { Ack } from "../events.js";

type Listener = (...args: never[]) => void;

/** The most bytes that the server takes of one event: its default, MAX_PAYLOAD. */
const MAX_PAYLOAD = 1_000_000;

/** What a fake socket is connected to. */
export interface FakeServer {
  disconnected: (socket: FakeSocket) => void;
  /** Handles one event and returns its acknowledgement. */
  receive: (socket: FakeSocket, event: string, payload: unknown) => Ack;
}

/** Behaves as the official client's socket does for what the store uses of it. Everything that passes it takes a moment, in order. */
export class FakeSocket {
  connected = false;
  active = false;
  auth: unknown = {};
  id: string | undefined;
  readonly io = { engine: { maxPayload: MAX_PAYLOAD } };
  #listeners = new Map<string, Set<Listener>>();
  #connection = 0;
  #cut = false;
  #lost = new Set<(error: Error) => void>();

  constructor(readonly server: FakeServer) {}

  on(event: string, listener: Listener): this {
    const known = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, known.add(listener));
    return this;
  }

  off(event: string, listener: Listener): this {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  connect(): this {
    this.active = true;
    this.#open();
    return this;
  }

  disconnect(): this {
    this.active = false;
    this.#close("io client disconnect");
    return this;
  }

  timeout(milliseconds: number) {
    return { emitWithAck: (event: string, payload: unknown) => this.#ask(milliseconds, event, payload) };
  }

  /** Loses the connection, with everything that is on its way in both directions. */
  cut(): void {
    this.#cut = true;
    this.#close("transport close");
  }

  mend(): void {
    this.#cut = false;
    if (this.active && !this.connected) this.#open();
  }

  /** Ends the connection as the server does when it wants no other one, after what it has sent. The official client stays away then. */
  refuse(): void {
    const mine = this.#connection;
    queueMicrotask(() => {
      if (mine !== this.#connection) return;
      this.active = false;
      this.#close("io server disconnect");
    });
  }

  /** Brings an event from the server. */
  deliver(event: string, data: unknown): void {
    const mine = this.#connection;
    queueMicrotask(() => {
      if (mine === this.#connection) this.#emit(event, structuredClone(data));
    });
  }

  #open(): void {
    const mine = ++this.#connection;
    queueMicrotask(() => {
      if (mine !== this.#connection || this.connected || this.#cut) return;
      this.connected = true;
      this.#emit("connect");
    });
  }

  #close(reason: string): void {
    this.#connection++;
    if (!this.connected) return;
    this.connected = false;
    this.server.disconnected(this);
    for (const lose of this.#lost) lose(new Error("socket has been disconnected"));
    this.#lost.clear();
    this.#emit("disconnect", reason);
  }

  #ask(milliseconds: number, event: string, payload: unknown): Promise<Ack> {
    const mine = this.#connection;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("operation has timed out")), milliseconds);
      const settle = <Value>(act: (value: Value) => void) => (value: Value) => {
        clearTimeout(timer);
        this.#lost.delete(lose);
        act(value);
      };
      const lose = settle(reject);
      const answer = settle(resolve);
      this.#lost.add(lose);
      queueMicrotask(() => {
        if (mine !== this.#connection) return;
        const reply = this.server.receive(this, event, structuredClone(payload));
        // After the events that the server has sent before.
        queueMicrotask(() => {
          if (mine === this.#connection) answer(structuredClone(reply));
        });
      });
    });
  }

  #emit(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) (listener as (...args: unknown[]) => void)(...args);
  }
}

/** The part of the official client's type that the store uses. */
export const asSocket = (fake: FakeSocket): AttendanceSocket => fake as unknown as AttendanceSocket;
