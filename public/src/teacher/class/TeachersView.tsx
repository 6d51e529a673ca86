import { useState } from "react";
import { ofClass, request, type Teacher } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { Loading } from "../../shared/Loading";
import { useAction } from "../../shared/useAction";
import { useResource } from "../../shared/useResource";
import { AddTeacher } from "./AddTeacher";
import { ConfirmChange, type Change } from "./ConfirmChange";

/** Who teaches the class. Its owner and administrators change it. */
export function TeachersView({ classId, user }: { classId: string; user: User }) {
  const { data, error, reload } = useResource<{ teachers: Teacher[] }>(user, ofClass(classId, "/teachers"));
  const [asking, setAsking] = useState<Change | null>(null);
  const changing = useAction();
  const manages = user.role === "admin" || data?.teachers.some(({ id, owner }) => owner && String(id) === user.id) === true;

  const change = async ({ kind, teacher }: Change) => {
    const done = await changing.run(() =>
      kind === "remove"
        ? request<null>(user, ofTeacher(classId, String(teacher.id)), { method: "DELETE" })
        : request(user, ofClass(classId), { method: "PATCH", json: { ownerId: teacher.id } }),
    );
    if (done) reload();
  };

  return (
    <section className="card stack" aria-labelledby="teachers">
      <header>
        <h2 id="teachers">Teachers</h2>
        <p className="muted">All of them take attendance and correct it. {manages ? "The owner also says who teaches the class." : "Ask the owner to change who teaches the class."}</p>
      </header>
      {error && <Alert message={error} onDismiss={reload} dismiss="Try again" />}
      {changing.error && <Alert message={changing.error.message} />}
      {!data && !error && <Loading what="the teachers" />}
      <ul className="rows">
        {data?.teachers.map((teacher) => (
          <li key={String(teacher.id)} className="row teacher">
            <span className="row-text">{String(teacher.id)}</span>
            {teacher.owner && <span className="tag">Owner</span>}
            {manages && !teacher.owner && (
              <>
                <button type="button" className="quiet" disabled={changing.busy} aria-label={`Hand over to ${String(teacher.id)}`} onClick={() => setAsking({ kind: "handOver", teacher })}>Hand over</button>
                <button type="button" className="quiet" disabled={changing.busy} aria-label={`Remove ${String(teacher.id)}`} onClick={() => setAsking({ kind: "remove", teacher })}>Remove</button>
              </>
            )}
          </li>
        ))}
      </ul>
      {manages && <AddTeacher path={(id) => ofTeacher(classId, id)} user={user} onDone={reload} />}
      <ConfirmChange change={asking} user={user} onClose={() => setAsking(null)} onConfirm={(confirmed) => void change(confirmed)} />
    </section>
  );
}

const ofTeacher = (classId: string, id: string) => ofClass(classId, `/teachers/${encodeURIComponent(id)}`);
