import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { request } from "../api";
import { Alert } from "../shared/Alert";
import { useAction } from "../shared/useAction";

interface Props { teacher: string; onClose: () => void; onMade: (id: string) => void }

/** Creates a class with its teacher. It stands outside the entrance's form, because forms cannot be nested. */
export function NewClass({ teacher, onClose, onMade }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const { busy, error, run } = useAction();

  const make = async (event: React.SubmitEvent) => {
    event.preventDefault();
    event.stopPropagation(); // React would pass it on to the entrance's form
    const made = await run(() => request({ id: teacher, role: "teacher" }, "/classes", { method: "POST", json: { id: id.trim(), name: name.trim() } }));
    if (made) onMade(id.trim());
  };

  return createPortal(
    <dialog ref={dialog} aria-labelledby="new-class" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void make(event)}>
        <h2 id="new-class">New class</h2>
        <label className="field">
          Class id
          <input required maxLength={64} placeholder="math-1" value={id} onChange={(event) => setId(event.target.value)} />
        </label>
        <label className="field">
          Title
          <input maxLength={200} placeholder="Mathematics 1" value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <p className="muted small">You, {teacher}, are its teacher. Import its students on the page “Students”.</p>
        {error && <Alert message={error.message} />}
        <div className="actions">
          <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" className="primary" disabled={busy}>Create</button>
        </div>
      </form>
    </dialog>,
    document.body,
  );
}
