import { go, useAddress } from "../../address";
import { count, emptySession } from "../../attendance/state";
import type { AttendanceOf, User } from "../../attendance/useAttendance";
import { title } from "../../shared/words";
import { Curve } from "./Curve";
import { Ring } from "./Ring";
import { SessionControls } from "./SessionControls";
import { UndoBar } from "./UndoBar";
import { useMarking } from "./useMarking";
import { usePeople } from "./usePeople";
import { Wall } from "./Wall";

interface Props { classId: string; user: User; attendance: AttendanceOf }

const USUAL_TYPES = ["lecture", "lab"];

/** Today's session of one type, as it happens. */
export function LiveView({ attendance }: Props) {
  const { sessions, here, joined } = attendance.state;
  const types = [...new Set([...USUAL_TYPES, ...Object.keys(sessions)])];
  const active = types.find((type) => sessions[type]?.phase === "active");
  const type = useAddress().type || active || "lecture";
  const session = sessions[type] ?? emptySession(type);
  const people = usePeople([], session);
  const marking = useMarking(attendance, session);
  const counts = count(session.records.values());

  return (
    <div className="live">
      <nav className="segments" aria-label="Session type">
        {types.map((each) => (
          <button key={each} type="button" aria-current={each === type} onClick={() => go({ type: each })}>
            {title(each)}
            {sessions[each]?.phase === "active" && <span className="tag" data-phase="active">Open</span>}
          </button>
        ))}
      </nav>
      <section className="card hero" data-phase={session.phase}>
        <Ring here={counts.here} total={Math.max(counts.total, people.length)} />
        <div className="hero-side">
          <SessionControls session={session} missing={counts.absent} ready={joined} attendance={attendance} />
          <Curve session={session} />
        </div>
      </section>
      <Wall people={people} session={session} here={here} marking={marking} />
      <UndoBar marking={marking} />
    </div>
  );
}
