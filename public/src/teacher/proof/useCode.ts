import { useEffect, useState } from "react";
import type { AttendanceOf } from "../../attendance/useClassAttendance";

interface Known { code: string; period: number; until: number }

/** The code to show now; empty while there is none. Left is the share of its time that is left. */
export interface Shown { code: string; left: number; problem: string }

/** How often the time that is left is drawn, in milliseconds. */
const TICK = 200;
/** How long to wait after a code could not be had, in milliseconds. */
const RETRY = 1000;

/**
 * Keeps the code of a session current while the page is in its class. Time is taken from the clock and not from timers, which stop while a laptop
 * sleeps and slow down in a hidden tab: a code that is no longer current is never shown.
 */
export function useCode({ fetchCode, joined: ready }: AttendanceOf, sessionType: string): Shown {
  const [known, setKnown] = useState<Known | null>(null);
  const [now, setNow] = useState(() => Date.now());
  const [problem, setProblem] = useState("");

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);

  useEffect(() => {
    if (!ready) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    const refresh = async () => {
      clearTimeout(timer);
      const asked = Date.now();
      let wait = RETRY;
      try {
        const { code, period, validFor } = await fetchCode({ sessionType });
        // The answer was made after it was asked for: so this is rather too early than too late.
        if (!stopped) setKnown({ code, period, until: asked + validFor });
        wait = Math.max(validFor - (Date.now() - asked), TICK);
        setProblem("");
      } catch (error) {
        setProblem((error as Error).message);
      }
      if (!stopped) timer = setTimeout(() => void refresh(), wait);
    };
    const onVisible = () => {
      if (document.visibilityState === "visible") void refresh();
    };
    document.addEventListener("visibilitychange", onVisible);
    void refresh();
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [fetchCode, sessionType, ready]);

  const left = known ? known.until - now : 0;
  // A clock that was set back would show an old code for too long.
  if (!known || left <= 0 || left > known.period) return { code: "", left: 0, problem: ready ? problem : "You are offline." };
  return { code: known.code, left: left / known.period, problem };
}
