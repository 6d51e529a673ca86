import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import type { Role } from "@neuracampus/attendance-client";
import { useAddress } from "./address";
import { ofClass, type Class } from "./api";
import { useClassAttendance } from "./attendance/useClassAttendance";
import { Alert } from "./shared/Alert";
import { Loading } from "./shared/Loading";
import { TopBar } from "./shared/TopBar";
import { useResource } from "./shared/useResource";
import { StudentPage } from "./student/StudentPage";

const TeacherPage = lazy(() => import("./teacher/TeacherPage"));
const DeveloperPanel = lazy(() => import("./developer/DeveloperPanel"));

/** One class, live, as its teacher or a student sees it. */
export function ClassPage({ classId, id, name, role }: { classId: string; id: string; name: string; role: Role }) {
  const user = useMemo(() => ({ id, name, role }), [id, name, role]);
  const attendance = useClassAttendance(classId, user);
  const { status, error, joined, socket } = attendance;
  // In open mode joining creates the class, so the API does not have it before. A name that was read stays while offline.
  const [entered, setEntered] = useState(false);
  if (joined && !entered) setEntered(true);
  const className = useResource<Class>(user, entered ? ofClass(classId) : null).data?.name ?? "";
  const { dev } = useAddress();

  useEffect(() => {
    document.title = `${className || classId} · NeuraCampus Attendance`;
  }, [classId, className]);

  return (
    <div className="frame" data-developer={dev ? "open" : undefined}>
      <TopBar id={classId} name={className} user={user} link={status} />
      <main id="main" tabIndex={-1}>
        {error && <Alert message={error} onDismiss={attendance.dismiss} />}
        {role === "student" ? (
          <StudentPage classId={classId} user={user} attendance={attendance} />
        ) : (
          <Suspense fallback={<Loading what="the teacher's tools" />}>
            <TeacherPage classId={classId} user={user} attendance={attendance} entered={entered} />
          </Suspense>
        )}
      </main>
      {dev && (
        <Suspense fallback={null}>
          <DeveloperPanel classId={classId} user={user} socket={socket} />
        </Suspense>
      )}
    </div>
  );
}
