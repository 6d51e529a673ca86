import type { Attendance, Snapshot } from "@neuracampus/attendance-client";

/** The longest that one expected change may take. Only a failing test waits for it. */
const DEADLINE = 20_000;

/** Resolves with the first snapshot that has what is wanted. */
export function until(store: Pick<Attendance, "subscribe" | "getSnapshot">, what: string, wanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      stop();
      reject(new Error(`not within ${DEADLINE} ms: ${what}; the snapshot: ${JSON.stringify(store.getSnapshot(), plain).slice(0, 2000)}`));
    }, DEADLINE);
    const look = () => {
      if (!wanted(store.getSnapshot())) return;
      clearTimeout(late);
      stop();
      resolve(store.getSnapshot());
    };
    const stop = store.subscribe(look);
    look();
  });
}

const plain = (_: string, value: unknown) => (value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value);
