import type { Role } from "@neuracampus/attendance-client";

const ROLES: readonly { role: Role; title: string; about: string }[] = [
  { role: "teacher", title: "Teacher", about: "Open attendance and see who is here" },
  { role: "student", title: "Student", about: "Mark yourself with one press" },
];

const ADMIN = { role: "admin", title: "Administrator", about: "See and manage all classes" } as const;

/** A token alone makes somebody an administrator, so only a server with signed identities has them. */
interface Props { role: Role; signed: boolean; onChange: (role: Role) => void }

export function RoleField({ role, signed, onChange }: Props) {
  const choices = signed ? [...ROLES, ADMIN] : ROLES;
  return (
    <fieldset className="roles">
      <legend>I am a</legend>
      {choices.map((choice) => (
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
