import type { Role } from "@neuracampus/attendance-client";
import { ofClass, type Student } from "../api";
import { useResource } from "../shared/useResource";
import { DEMO } from "./demo";

interface Person { id: string; name: string }
const LABELS: Record<Role, string> = { teacher: "Teacher id", student: "Student id", admin: "Administrator id" };

interface Props { role: Role; classId: string; person: Person; onChange: (person: Person) => void }

/** The user: a student of the demo class from a list, any other user by id. */
export function PersonField({ role, classId, person, onChange }: Props) {
  // In open mode the server believes every client, so this page may read the demo roster as its teacher.
  const demo = role === "student" && classId === DEMO.class;
  const { data } = useResource<{ students: Student[] }>({ id: DEMO.teacher, role: "teacher" }, demo ? ofClass(DEMO.class, "/roster") : null);
  const students = demo ? (data?.students ?? []) : [];

  return (
    <>
      {students.length > 0 && (
        <label className="field">
          Student of the demo class
          <select
            value={students.some((student) => student.id === person.id) ? person.id : ""}
            onChange={({ target: { value } }) => onChange({ id: value, name: students.find((each) => each.id === value)?.name ?? "" })}
          >
            <option value="">Another student</option>
            {students.map(({ id, name }) => <option key={String(id)} value={String(id)}>{name || String(id)}</option>)}
          </select>
        </label>
      )}
      <div className="pair">
        <label className="field">
          {LABELS[role]}
          <input required maxLength={64} value={person.id} onChange={(event) => onChange({ ...person, id: event.target.value })} />
        </label>
        <label className="field">
          <span>Name <span className="muted">(optional)</span></span>
          <input maxLength={200} value={person.name} onChange={(event) => onChange({ ...person, name: event.target.value })} />
        </label>
      </div>
    </>
  );
}
