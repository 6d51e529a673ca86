import { useEffect, useState } from "react";
import { UnansweredError } from "../socket";

/**
 * Remembers one thing that was pressed, also over a reload, until the server has answered it. `send` runs whenever
 * `ready` becomes true; without an answer the thing waits for the next connection. Sent twice it counts once, because
 * the server confirms what is already so.
 */
export function useOutbox(key: string, ready: boolean, send: () => Promise<unknown>) {
  const slot = `attendance.outbox.${key}`;
  const [waiting, setWaiting] = useState(() => sessionStorage.getItem(slot) !== null);
  const [refused, setRefused] = useState<string | null>(null);

  useEffect(() => {
    if (!waiting || !ready) return;
    const done = () => {
      sessionStorage.removeItem(slot);
      setWaiting(false);
    };
    send().then(done, (error: unknown) => {
      if (error instanceof UnansweredError) return;
      setRefused((error as Error).message);
      done();
    });
    // Once per connection: `send` is a new function at every rendering.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [waiting, ready, slot]);

  const press = () => {
    sessionStorage.setItem(slot, "pressed");
    setRefused(null);
    setWaiting(true);
  };
  return { waiting, refused, press };
}
