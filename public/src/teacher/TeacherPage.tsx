import { go, useAddress } from "../address";
import type { AttendanceOf, User } from "../attendance/useClassAttendance";
import { Loading } from "../shared/Loading";
import { Views } from "../shared/Views";
import { ClassView } from "./class/ClassView";
import { LiveView } from "./live/LiveView";
import { RosterView } from "./roster/RosterView";
import { SessionsView } from "./sessions/SessionsView";
import { StatisticsView } from "./statistics/StatisticsView";
import "./teacher.css";

/** Entered: the page has joined the class once. In open mode the API has no such class before. */
interface Props { classId: string; user: User; attendance: AttendanceOf; entered: boolean }

const VIEWS = [
  { view: "", label: "Live" },
  { view: "sessions", label: "Sessions" },
  { view: "statistics", label: "Statistics" },
  { view: "roster", label: "Students" },
  { view: "class", label: "Class" },
] as const;

export default function TeacherPage({ classId, user, attendance, entered }: Props) {
  const { view } = useAddress();
  return (
    <>
      <Views views={VIEWS} onChoose={(chosen) => go({ view: chosen, session: "" })} />
      {view !== "" && !entered && !attendance.error && <Loading what="the class" />}
      {entered && view === "sessions" && <SessionsView classId={classId} user={user} />}
      {entered && view === "statistics" && <StatisticsView classId={classId} user={user} />}
      {entered && view === "roster" && <RosterView classId={classId} user={user} />}
      {entered && view === "class" && <ClassView classId={classId} user={user} />}
      {view === "" && <LiveView classId={classId} user={user} attendance={attendance} />}
    </>
  );
}
