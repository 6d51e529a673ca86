import { useCallback, useState } from "react";
import { ofClass, request, type Student } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { Confirm } from "../../shared/Confirm";
import { Loading } from "../../shared/Loading";
import type { Column } from "../../shared/students/arrange";
import { StudentTable } from "../../shared/students/StudentTable";
import { useAction } from "../../shared/useAction";
import { useResource } from "../../shared/useResource";
import { counted } from "../../shared/words";
import { RosterImport } from "./RosterImport";
import { StudentRow } from "./StudentRow";

const COLUMNS: readonly Column[] = ["name", "id"];
const NO_STATUS = () => undefined;
const NO_STUDENTS: readonly Student[] = [];

/** The students who are expected in the class. */
export function RosterView({ classId, user }: { classId: string; user: User }) {
  const roster = useResource<{ students: Student[] }>(user, ofClass(classId, "/roster"));
  const [removing, setRemoving] = useState<Student | null>(null);
  const { error, run } = useAction();
  const students = roster.data?.students ?? NO_STUDENTS;
  const row = useCallback((student: Student) => <StudentRow key={String(student.id)} student={student} onRemove={setRemoving} />, []);

  const remove = async (student: Student) => {
    const path = ofClass(classId, `/roster/${encodeURIComponent(String(student.id))}`);
    if (await run(() => request<null>(user, path, { method: "DELETE" }))) roster.reload();
  };

  return (
    <div className="columns">
      <section className="stack" aria-labelledby="students">
        <h2 id="students">{roster.data ? counted(students.length, "student") : "Students"}</h2>
        {roster.error && <Alert message={roster.error} onDismiss={roster.reload} dismiss="Try again" />}
        {error && <Alert message={error.message} />}
        {roster.loading && !roster.data && <Loading what="the roster" />}
        {students.length > 0 && <StudentTable label="Students" students={students} columns={COLUMNS} statusOf={NO_STATUS} row={row} />}
      </section>
      <RosterImport classId={classId} user={user} onDone={roster.reload} />
      <Confirm
        open={removing !== null}
        title={`Remove ${removing?.name ?? ""}?`}
        action="Remove"
        onClose={() => setRemoving(null)}
        onConfirm={() => removing && void remove(removing)}
      >
        The student is no longer expected in the class. Their marks stay.
      </Confirm>
    </div>
  );
}
