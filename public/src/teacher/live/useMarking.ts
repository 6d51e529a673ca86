import { useCallback, useState } from "react";
import type { Session } from "../../attendance/state";
import type { AttendanceOf } from "../../attendance/useAttendance";
import type { Status } from "../../events";
import type { Person } from "./usePeople";

interface Step { person: Person; before: Status; after: Status; type: string }

/** Marking by click: which status a click gives, and the way back. */
export function useMarking({ mark }: AttendanceOf, session: Session) {
  const [brush, setBrush] = useState<Status>("present");
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [error, setError] = useState<string | null>(null);
  const { type } = session;

  const attempt = useCallback(async (person: Person, status: Status, sessionType: string) => {
    try {
      await mark(person, status, sessionType);
      setError(null);
      return true;
    } catch (refusal) {
      setError(`${person.name}: ${(refusal as Error).message}`);
      return false;
    }
  }, [mark]);

  const paint = useCallback(async (person: Person, before: Status) => {
    if (before === brush) return;
    if (!(await attempt(person, brush, type))) return;
    setSteps((known) => [...known, { person, before, after: brush, type }]);
  }, [attempt, brush, type]);

  const last = steps.at(-1);
  const undo = async () => {
    if (last && (await attempt(last.person, last.before, last.type))) setSteps((known) => known.slice(0, -1));
  };
  const forget = () => {
    setSteps([]);
    setError(null);
  };
  return { brush, setBrush, paint, last, undo, forget, error };
}

export type Marking = ReturnType<typeof useMarking>;
