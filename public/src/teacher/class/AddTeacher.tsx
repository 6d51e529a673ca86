import { useState } from "react";
import { request, type Asker } from "../../api";
import { Alert } from "../../shared/Alert";
import { useAction } from "../../shared/useAction";

interface Props { path: (id: string) => string; user: Asker; onDone: () => void }

/** Adds a teacher by the id under which they sign in. */
export function AddTeacher({ path, user, onDone }: Props) {
  const [id, setId] = useState("");
  const [added, setAdded] = useState("");
  const { busy, error, run } = useAction();

  const add = async (event: React.SubmitEvent) => {
    event.preventDefault();
    setAdded("");
    if (!(await run(() => request(user, path(id.trim()), { method: "PUT" })))) return;
    setAdded(id.trim());
    setId("");
    onDone();
  };

  return (
    <form className="stack" onSubmit={(event) => void add(event)}>
      <div className="add-teacher">
        <label className="field">
          Id of another teacher
          <input required maxLength={64} autoComplete="off" value={id} onChange={(event) => setId(event.target.value)} />
        </label>
        <button type="submit" disabled={busy || !id.trim()}>Add</button>
      </div>
      {error && <Alert message={error.message} />}
      <p className="muted small" role="status">{added && `${added} teaches the class from now on.`}</p>
    </form>
  );
}
