import { batchPerFrame, type Ack, type AttendanceSocket, type ClientEvent, type Options, type Replied } from "@neuracampus/attendance-client";
import type { Socket } from "socket.io-client";

export interface Entry {
  number: number;
  at: number;
  direction: "in" | "out" | "ack";
  event: string;
  payload: unknown;
  /** Of an acknowledgement: how long it took. */
  milliseconds?: number;
}

const KEPT = 500;

let entries: readonly Entry[] = [];
let number = 0;
const listeners = new Set<() => void>();

const batch = batchPerFrame<Entry>((items) => {
  entries = [...entries, ...items].slice(-KEPT);
  for (const listener of listeners) listener();
});

function add(entry: Omit<Entry, "number" | "at">): void {
  batch.add({ ...entry, number: ++number, at: Date.now() });
}

/** The last events in and out, newest last. It runs from the start, so that the panel shows what was before it. */
export const record = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  entries: () => entries,
  clear: () => {
    entries = [];
    for (const listener of listeners) listener();
  },
};

const onReply = ({ event, reply, milliseconds }: Replied) => add({ direction: "ack", event, payload: reply, milliseconds });

/** The options with which everything that goes over a connection is recorded. */
export const logged = {
  onSocket: (socket) => {
    socket.onAny((event: string, payload: unknown) => add({ direction: "in", event, payload }));
    socket.onAnyOutgoing((event: string, payload: unknown) => add({ direction: "out", event, payload }));
  },
  onReply,
} satisfies Pick<Options, "onSocket" | "onReply">;

/** Sends an event by hand, with whatever payload, and returns its acknowledgement. */
export async function emit(socket: AttendanceSocket, event: ClientEvent, payload: unknown): Promise<Ack> {
  const sent = performance.now();
  const untyped = socket as unknown as Socket;
  const reply = (await untyped.timeout(8000).emitWithAck(event, payload)) as Ack;
  onReply({ event, reply, milliseconds: performance.now() - sent });
  return reply;
}
