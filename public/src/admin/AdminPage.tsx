import { useEffect, useMemo } from "react";
import { go, useAddress } from "../address";
import { TopBar } from "../shared/TopBar";
import { Views } from "../shared/Views";
import { AdminClass } from "./AdminClass";
import { ClassesView } from "./ClassesView";
import { StudentData } from "./StudentData";
import "../teacher/teacher.css";
import "./admin.css";

const VIEWS = [
  { view: "", label: "Classes" },
  { view: "today", label: "Not taken today" },
  { view: "students", label: "Student data" },
] as const;

/** All classes, as an administrator sees and manages them. */
export default function AdminPage({ id, name }: { id: string; name: string }) {
  const user = useMemo(() => ({ id, name, role: "admin" as const }), [id, name]);
  const { view, class: classId } = useAddress();

  useEffect(() => {
    document.title = "All classes · NeuraCampus Attendance";
  }, []);

  return (
    <div className="frame">
      <TopBar id="" name="All classes" user={user} link={null} />
      <main id="main" tabIndex={-1}>
        <Views views={VIEWS} className="views admin-views" onChoose={(chosen) => go({ view: chosen, class: "", search: "", session: "" })} />
        {view === "students" && <StudentData user={user} />}
        {view !== "students" && classId && <AdminClass key={classId} classId={classId} user={user} />}
        {view !== "students" && !classId && <ClassesView key={view} user={user} notTakenToday={view === "today"} />}
      </main>
    </div>
  );
}
