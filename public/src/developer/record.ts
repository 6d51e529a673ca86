import { batchPerFrame } from "../attendance/frameBatch";
import { onReply, socket } from "../socket";

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

/** Listens to everything that goes over the connection. */
export function startRecord(): void {
  socket.onAny((event: string, payload: unknown) => add({ direction: "in", event, payload }));
  socket.onAnyOutgoing((event: string, payload: unknown) => add({ direction: "out", event, payload }));
  onReply(({ event, reply, milliseconds }) => add({ direction: "ack", event, payload: reply, milliseconds }));
}
