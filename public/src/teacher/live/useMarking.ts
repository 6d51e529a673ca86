import { useCallback, useState } from "react";
import type { Session, Status } from "@neuracampus/attendance-client";
import type { AttendanceOf } from "../../attendance/useClassAttendance";
import type { Person } from "./usePeople";

interface Step { person: Person; before: Status; after: Status; type: string }

/** Marking by click: the status that a click gives, and undo. */
export function useMarking({ mark }: AttendanceOf, session: Session) {
  const [status, setStatus] = useState<Status>("present");
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [error, setError] = useState<string | null>(null);
  const { type } = session;

  const attempt = useCallback(async (person: Person, wanted: Status, sessionType: string) => {
    try {
      await mark({ sessionType, studentId: person.id, studentName: person.name, status: wanted });
      setError(null);
      return true;
    } catch (refusal) {
      setError(`${person.name}: ${(refusal as Error).message}`);
      return false;
    }
  }, [mark]);

  const markByClick = useCallback(async (person: Person, before: Status) => {
    if (before === status) return;
    if (!(await attempt(person, status, type))) return;
    setSteps((known) => [...known, { person, before, after: status, type }]);
  }, [attempt, status, type]);

  const last = steps.at(-1);
  const undo = async () => {
    if (last && (await attempt(last.person, last.before, last.type))) setSteps((known) => known.slice(0, -1));
  };
  const forget = () => {
    setSteps([]);
    setError(null);
  };
  const waiting = [...session.sending.values()].filter(({ waited, refusal }) => waited && !refusal).length;
  return { status, setStatus, markByClick, last, undo, forget, error, waiting };
}

export type Marking = ReturnType<typeof useMarking>;
