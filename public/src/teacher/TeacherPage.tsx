import { go, useAddress } from "../address";
import type { AttendanceOf, User } from "../attendance/useAttendance";
import { LiveView } from "./live/LiveView";
import { RosterView } from "./roster/RosterView";
import { SessionsView } from "./sessions/SessionsView";
import { StatisticsView } from "./statistics/StatisticsView";
import "./teacher.css";

interface Props { classId: string; user: User; attendance: AttendanceOf }

const VIEWS = [
  { view: "", label: "Live" },
  { view: "sessions", label: "Sessions" },
  { view: "statistics", label: "Statistics" },
  { view: "roster", label: "Students" },
] as const;

export default function TeacherPage(props: Props) {
  const { view } = useAddress();
  const { classId, user } = props;
  return (
    <>
      <nav className="views" aria-label="Views">
        {VIEWS.map((each) => (
          <button
            key={each.view}
            type="button"
            aria-current={each.view === view ? "page" : undefined}
            onClick={() => go({ view: each.view, session: "" })}
          >
            {each.label}
          </button>
        ))}
      </nav>
      {view === "sessions" && <SessionsView classId={classId} user={user} />}
      {view === "statistics" && <StatisticsView classId={classId} user={user} />}
      {view === "roster" && <RosterView classId={classId} user={user} />}
      {view === "" && <LiveView {...props} />}
    </>
  );
}
