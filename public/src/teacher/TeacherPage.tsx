import type { AttendanceOf, User } from "../attendance/useAttendance";
import { LiveView } from "./live/LiveView";
import "./teacher.css";

interface Props { classId: string; user: User; attendance: AttendanceOf }

export default function TeacherPage(props: Props) {
  return <LiveView {...props} />;
}
