import { lazy, Suspense } from "react";
import type { Session } from "@neuracampus/attendance-client";
import { deviceId } from "../attendance/device";
import type { AttendanceOf, User } from "../attendance/useClassAttendance";
import { title } from "../shared/words";
import { CodeForm } from "./CodeForm";
import { MarkButton } from "./MarkButton";
import { Outcome } from "./Outcome";
import { SessionRules } from "./SessionRules";

const Listener = lazy(() => import("../sound/Listener"));

interface Props { user: User; session: Session; attendance: AttendanceOf }

/** One session: what it asks for while it is open, then the student's record. */
export function SessionCard({ user, session, attendance }: Props) {
  const { status, mark } = attendance;
  const sending = session.sending.get(user.id);
  const refused = sending?.refusal ? { ...sending.refusal, waited: sending.waited } : null;
  const waiting = sending !== undefined && !refused;
  const press = (code?: string) => {
    mark({ sessionType: session.type, status: "present", deviceId: deviceId(), ...(code ? { code } : {}) }).catch(() => undefined); // session.sending says why
  };
  const mine = session.records.get(user.id);
  const marked = mine !== undefined && mine.status !== "absent";
  const open = session.phase === "active";

  return (
    <section className="card session" data-phase={session.phase} aria-labelledby={`session-${session.type}`}>
      <header>
        <h2 id={`session-${session.type}`}>{title(session.type)}</h2>
        <span className="tag" data-phase={session.phase}>{open ? "Open" : "Ended"}</span>
      </header>
      {open && !marked && <SessionRules session={session} name={mine?.studentName || user.name || user.id} />}
      {open && !marked && session.proof === "code" && <CodeForm link={status} waiting={waiting} refused={refused} onCode={press} />}
      {open && !marked && session.proof !== "code" && (
        <>
          <MarkButton link={status} waiting={waiting} refused={refused?.message ?? null} onPress={() => press()} />
          {session.frequency.length > 0 && !waiting && (
            <Suspense fallback={null}><Listener tones={session.frequency} onHeard={() => press()} /></Suspense>
          )}
        </>
      )}
      {(!open || marked) && (
        <Outcome record={mine} ended={!open} byOther={mine !== undefined && mine.recordedBy !== "" && String(mine.recordedBy) !== user.id} />
      )}
    </section>
  );
}
