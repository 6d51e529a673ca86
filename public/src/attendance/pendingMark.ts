import { useEffect, useState } from "react";
import { UnansweredError } from "../socket";

/** How long after a failed attempt the next one begins, in milliseconds. */
const PAUSE = 1000;

/**
 * Keeps one mark until the server has decided on it, also over a reload. `send` runs whenever `ready` becomes true, and again
 * if no decision came. A mark that is sent twice counts once: the server confirms what it has already recorded.
 */
export function usePendingMark(key: string, ready: boolean, send: () => Promise<unknown>) {
  const slot = `attendance.pending.${key}`;
  const [waiting, setWaiting] = useState(() => sessionStorage.getItem(slot) !== null);
  const [refused, setRefused] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (!waiting || !ready) return;
    let timer = 0;
    const done = () => {
      sessionStorage.removeItem(slot);
      setWaiting(false);
    };
    send().then(done, (error: unknown) => {
      if (error instanceof UnansweredError) {
        timer = window.setTimeout(() => setAttempt((n) => n + 1), PAUSE);
        return;
      }
      setRefused((error as Error).message);
      done();
    });
    return () => clearTimeout(timer);
    // Once per attempt: `send` is a new function at every rendering.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [waiting, ready, slot, attempt]);

  const press = () => {
    sessionStorage.setItem(slot, "pressed");
    setRefused(null);
    setWaiting(true);
  };
  return { waiting, refused, press };
}
