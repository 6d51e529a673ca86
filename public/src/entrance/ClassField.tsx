import { useState } from "react";
import type { Role } from "@neuracampus/attendance-client";
import { type Class } from "../api";
import { useResource } from "../shared/useResource";
import { NewClass } from "./NewClass";

interface Props { role: Role; user: string; classId: string; onChange: (classId: string) => void }

/** The class, from a list of the user's classes or by typing. A teacher can create one. */
export function ClassField({ role, user, classId, onChange }: Props) {
  const [making, setMaking] = useState(false);
  const { data, reload } = useResource<{ classes: Class[] }>({ id: user, role }, user.trim() ? "/classes" : null);
  const classes = data?.classes.filter((each) => !each.archived) ?? [];

  return (
    <div className="class-field">
      <label className="field">
        Class
        <input required maxLength={64} list="classes" value={classId} onChange={(event) => onChange(event.target.value)} />
      </label>
      <datalist id="classes">
        {classes.map((each) => <option key={String(each.id)} value={String(each.id)}>{each.name}</option>)}
      </datalist>
      {role === "teacher" && !making && <button type="button" onClick={() => setMaking(true)}>New class</button>}
      {making && role === "teacher" && (
        <NewClass
          teacher={user}
          onClose={() => setMaking(false)}
          onMade={(id) => {
            onChange(id);
            reload();
            setMaking(false);
          }}
        />
      )}
    </div>
  );
}
