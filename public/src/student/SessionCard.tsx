import { lazy, Suspense } from "react";
import type { Session } from "../attendance/state";
import { usePendingMark } from "../attendance/pendingMark";
import type { AttendanceOf, User } from "../attendance/useAttendance";
import { title } from "../shared/words";
import { MarkButton } from "./MarkButton";
import { Outcome } from "./Outcome";

const Listener = lazy(() => import("../sound/Listener"));

interface Props { classId: string; user: User; session: Session; attendance: AttendanceOf }

/** One session: the button while it is open, then the student's record. */
export function SessionCard({ classId, user, session, attendance }: Props) {
  const { link, joined } = attendance.state;
  const pending = usePendingMark(`${classId}/${user.id}/${session.type}`, joined, () =>
    attendance.mark(user, "present", session.type),
  );
  const mine = session.records.get(user.id);
  const marked = mine !== undefined && mine.status !== "absent";
  const open = session.phase === "active";

  return (
    <section className="card session" data-phase={session.phase} aria-labelledby={`session-${session.type}`}>
      <header>
        <h2 id={`session-${session.type}`}>{title(session.type)}</h2>
        <span className="tag" data-phase={session.phase}>{open ? "Open" : "Ended"}</span>
      </header>
      {open && !marked ? (
        <>
          <MarkButton link={link} waiting={pending.waiting} refused={pending.refused} onPress={pending.press} />
          {session.frequency.length > 0 && !pending.waiting && (
            <Suspense fallback={null}><Listener tones={session.frequency} onHeard={pending.press} /></Suspense>
          )}
        </>
      ) : (
        <Outcome record={mine} ended={!open} byOther={mine !== undefined && mine.recordedBy !== "" && String(mine.recordedBy) !== user.id} />
      )}
    </section>
  );
}
