import type { Role } from "../events";

interface Props { role: Role; user: string; classId: string; onChange: (classId: string) => void }

export function ClassField({ classId, onChange }: Props) {
  return (
    <label className="field">
      Class
      <input required maxLength={64} value={classId} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
