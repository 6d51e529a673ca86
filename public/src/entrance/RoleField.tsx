import type { Role } from "../events";

const ROLES: readonly { role: Role; title: string; about: string }[] = [
  { role: "teacher", title: "Teacher", about: "Open attendance and see who is here" },
  { role: "student", title: "Student", about: "Mark yourself with one press" },
];

export function RoleField({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
  return (
    <fieldset className="roles">
      <legend>I am a</legend>
      {ROLES.map((choice) => (
        <label key={choice.role} className="choice">
          <input type="radio" name="role" checked={role === choice.role} onChange={() => onChange(choice.role)} />
          <span>
            <strong>{choice.title}</strong>
            <span className="muted small">{choice.about}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
