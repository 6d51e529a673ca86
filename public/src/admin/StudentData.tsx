import { useState } from "react";
import { downloadStudent, type Asker } from "../api";
import { Alert } from "../shared/Alert";
import { useAction } from "../shared/useAction";
import { EraseStudent } from "./EraseStudent";

/** What is stored about one student: as a file, or erased. */
export function StudentData({ user }: { user: Asker }) {
  const [typed, setTyped] = useState("");
  const [erasing, setErasing] = useState(false);
  const [erased, setErased] = useState("");
  const { busy, error, run } = useAction();
  const studentId = typed.trim();

  return (
    <section className="card stack student-data" aria-labelledby="student-data">
      <header>
        <h2 id="student-data">Student data</h2>
        <p className="muted">What is stored about one student, in all classes.</p>
      </header>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setErased("");
          void run(() => downloadStudent(user, studentId));
        }}
      >
        <label className="field">
          Student id
          <input required maxLength={64} value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
        {error && <Alert message={error.message} />}
        <div className="actions">
          <button type="submit" className="primary" disabled={busy || !studentId}>Download the data</button>
          <button type="button" disabled={!studentId} onClick={() => setErasing(true)}>Erase …</button>
        </div>
        <p className="muted" role="status">{erased && `${erased} is erased. The marks stay under another id.`}</p>
      </form>
      {erasing && (
        <EraseStudent
          studentId={studentId} user={user} onClose={() => setErasing(false)}
          onDone={() => {
            setErased(studentId);
            setTyped("");
          }}
        />
      )}
    </section>
  );
}
