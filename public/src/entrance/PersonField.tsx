import type { Role } from "../events";

interface Person { id: string; name: string }
interface Props { role: Role; classId: string; person: Person; onChange: (person: Person) => void }

export function PersonField({ role, person, onChange }: Props) {
  return (
    <div className="pair">
      <label className="field">
        {role === "teacher" ? "Teacher id" : "Student id"}
        <input
          required
          maxLength={64}
          value={person.id}
          onChange={(event) => onChange({ ...person, id: event.target.value })}
        />
      </label>
      <label className="field">
        <span>Name <span className="muted">(optional)</span></span>
        <input maxLength={200} value={person.name} onChange={(event) => onChange({ ...person, name: event.target.value })} />
      </label>
    </div>
  );
}
