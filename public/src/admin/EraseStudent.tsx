import { useEffect, useRef, useState } from "react";
import { ofStudent, request, type Asker } from "../api";
import { Alert } from "../shared/Alert";
import { useAction } from "../shared/useAction";

interface Props { studentId: string; user: Asker; onClose: () => void; onDone: () => void }

/** Asks for the student's id once more, because nobody can take an erasure back. */
export function EraseStudent({ studentId, user, onClose, onDone }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const [repeated, setRepeated] = useState("");
  const { busy, error, run } = useAction();

  const erase = async (event: React.SubmitEvent) => {
    event.preventDefault();
    if (!(await run(() => request<null>(user, ofStudent(studentId), { method: "DELETE" })))) return;
    onDone();
    dialog.current?.close();
  };

  return (
    <dialog ref={dialog} aria-labelledby="erase" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void erase(event)}>
        <h2 id="erase">Erase {studentId}?</h2>
        <p>
          The id and the names of this student are replaced in all classes and in the history, the reasons of corrections are
          removed, and the student is taken from all rosters. The marks stay and all counts with them. Nobody can undo it.
        </p>
        <label className="field">
          Type {studentId} to confirm
          <input required autoComplete="off" autoCapitalize="off" spellCheck={false} value={repeated} onChange={(event) => setRepeated(event.target.value)} />
        </label>
        {error && <Alert message={error.message} />}
        <div className="actions">
          <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" className="primary" disabled={busy || repeated !== studentId}>Erase</button>
        </div>
      </form>
    </dialog>
  );
}
