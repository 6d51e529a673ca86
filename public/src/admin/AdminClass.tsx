import { go, useAddress } from "../address";
import { ofClass, type Class } from "../api";
import type { User } from "../attendance/useClassAttendance";
import { Alert } from "../shared/Alert";
import { Loading } from "../shared/Loading";
import { useResource } from "../shared/useResource";
import { TeachersView } from "../teacher/class/TeachersView";
import { VisibilityForm } from "../teacher/class/VisibilityForm";
import { SessionReport } from "../teacher/sessions/SessionReport";
import { SessionsView } from "../teacher/sessions/SessionsView";
import { ArchiveClass } from "./ArchiveClass";

/** One class with what an administrator does for it. It needs no connection, so it shows archived classes too. */
export function AdminClass({ classId, user }: { classId: string; user: User }) {
  const { session } = useAddress();
  const { data, error, reload } = useResource<Class>(user, ofClass(classId));
  if (session) return <SessionReport key={session} id={session} user={user} />;
  return (
    <div className="stack">
      <button type="button" className="quiet back" onClick={() => go({ class: "" })}>← All classes</button>
      {error && <Alert message={error} onDismiss={reload} dismiss="Try again" />}
      {!data && !error && <Loading what="the class" />}
      {data && (
        <>
          <header className="view-head">
            <h2>
              {data.name || classId} {data.name && <span className="class-id muted small mono">{classId}</span>}
              {data.archived && <> <span className="tag">Archived</span></>}
            </h2>
            {!data.archived && <button type="button" onClick={() => go({ role: "teacher", view: "" })}>Enter the class</button>}
          </header>
          <div className="columns">
            <TeachersView classId={classId} user={user} />
            <div className="stack">
              <VisibilityForm classId={classId} user={user} />
              <ArchiveClass archived={data.archived} classId={classId} user={user} onDone={reload} />
            </div>
          </div>
          <SessionsView classId={classId} user={user} />
        </>
      )}
    </div>
  );
}
