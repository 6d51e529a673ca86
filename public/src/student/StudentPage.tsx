import type { AttendanceOf, User } from "../attendance/useClassAttendance";
import { History } from "./History";
import { MyData } from "./MyData";
import { SessionCard } from "./SessionCard";
import { Waiting } from "./Waiting";
import "./student.css";

interface Props { classId: string; user: User; attendance: AttendanceOf }

/** Today's sessions, and the student's own attendance so far. */
export function StudentPage({ classId, user, attendance }: Props) {
  const { sessions, status, joined } = attendance;
  const held = Object.values(sessions)
    .filter((session) => session.phase !== "initial")
    .sort((a, b) => Number(b.phase === "active") - Number(a.phase === "active"));

  // Changes when a session ends, and after a reconnect: a session may have ended meanwhile.
  const version = `${joined} ${held.map(({ type, phase }) => type + phase).join()}`;

  return (
    <div className="student">
      {held.every((session) => session.phase !== "active") && <Waiting link={status} again={held.length > 0} />}
      {held.map((session) => (
        <SessionCard key={session.type} user={user} session={session} attendance={attendance} />
      ))}
      {joined && <History classId={classId} user={user} version={version} />}
      <MyData user={user} />
    </div>
  );
}
