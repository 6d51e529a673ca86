import type { User } from "../attendance/useAttendance";

export default function DeveloperPanel(props: { classId: string; user: User }) {
  return <aside className="developer">{props.classId}</aside>;
}
