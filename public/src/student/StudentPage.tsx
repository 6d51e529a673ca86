import type { AttendanceOf, User } from "../attendance/useAttendance";
import { History } from "./History";
import { SessionCard } from "./SessionCard";
import { Waiting } from "./Waiting";
import "./student.css";

interface Props { classId: string; user: User; attendance: AttendanceOf }

/** What is open now, or was today; and the student's own attendance so far. */
export function StudentPage({ classId, user, attendance }: Props) {
  const { sessions, link, joined } = attendance.state;
  const held = Object.values(sessions)
    .filter((session) => session.phase !== "initial")
    .sort((a, b) => Number(b.phase === "active") - Number(a.phase === "active"));

  // A session that ends makes history; so does a connection, for what happened while there was none.
  const version = `${joined} ${held.map(({ type, phase }) => type + phase).join()}`;

  return (
    <div className="student">
      {held.every((session) => session.phase !== "active") && <Waiting link={link} again={held.length > 0} />}
      {held.map((session) => (
        <SessionCard key={session.type} classId={classId} user={user} session={session} attendance={attendance} />
      ))}
      {joined && <History classId={classId} user={user} version={version} />}
    </div>
  );
}
