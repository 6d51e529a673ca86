import { useEffect, useRef, useState } from "react";
import { request } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { useAction } from "../../shared/useAction";

interface Props { user: User; path: string; who: string; onClose: () => void; onDone: () => void }

/** Asks why a flag is dismissed, which stays with it. */
export function Dismissal({ user, path, who, onClose, onDone }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const [reason, setReason] = useState("");
  const { busy, error, run } = useAction();

  const dismiss = async (event: React.SubmitEvent) => {
    event.preventDefault();
    if (!(await run(() => request(user, path, { method: "DELETE", json: { reason } })))) return;
    onDone();
    dialog.current?.close();
  };

  return (
    <dialog ref={dialog} aria-labelledby="dismissal" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void dismiss(event)}>
        <h2 id="dismissal">Dismiss the flag</h2>
        <p className="muted">{who} stay marked as they are. The session’s report keeps the flag with your reason.</p>
        <label className="field">
          Reason
          <input required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        {error && <Alert message={error.message} />}
        <div className="actions">
          <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" className="primary" disabled={busy}>Dismiss</button>
        </div>
      </form>
    </dialog>
  );
}
