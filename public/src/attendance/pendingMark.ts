import { useEffect, useRef, useState } from "react";
import { tabStorage } from "../shared/storage";
import { RefusedError, UnansweredError } from "../socket";

/** Why a mark was refused, and whether it had waited for the network before. */
export interface Refusal { message: string; reason: string; waited: boolean }

/** How long after a failed attempt the next one begins, in milliseconds. */
const PAUSE = 1000;

/**
 * Keeps one mark, with the code that it was made with, until the server has decided on it, also over a reload. `send` runs whenever
 * `ready` becomes true, and again if no decision came. A mark that is sent twice counts once: the server confirms what it has already
 * recorded.
 */
export function usePendingMark(key: string, ready: boolean, send: (code: string) => Promise<unknown>) {
  const slot = `attendance.pending.${key}`;
  const [waiting, setWaiting] = useState(() => tabStorage.get(slot) !== null);
  const [refused, setRefused] = useState<Refusal | null>(null);
  const [attempt, setAttempt] = useState(0);
  const waited = useRef(waiting);

  useEffect(() => {
    if (!waiting || !ready) return;
    let timer = 0;
    const done = () => {
      tabStorage.remove(slot);
      setWaiting(false);
    };
    send(tabStorage.get(slot) ?? "").then(done, (error: unknown) => {
      if (error instanceof UnansweredError) {
        waited.current = true;
        timer = window.setTimeout(() => setAttempt((n) => n + 1), PAUSE);
        return;
      }
      const { message } = error as Error;
      setRefused({ message, reason: error instanceof RefusedError ? error.reason : "", waited: waited.current });
      done();
    });
    return () => clearTimeout(timer);
    // Once per attempt: `send` is a new function at every rendering.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [waiting, ready, slot, attempt]);

  const press = (code = "") => {
    tabStorage.set(slot, code);
    waited.current = !ready;
    setRefused(null);
    setWaiting(true);
  };
  return { waiting, refused, press };
}
