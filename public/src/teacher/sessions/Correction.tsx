import { useEffect, useRef, useState } from "react";
import type { MarkRecord, Status } from "@neuracampus/attendance-client";
import { request } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { useAction } from "../../shared/useAction";
import { STATUS_WORDS, STATUSES } from "../../shared/words";

interface Props { user: User; path: string; record: MarkRecord; onClose: () => void; onDone: () => void }

/** Asks for the right status and the reason, which the audit trail keeps. */
export function Correction({ user, path, record, onClose, onDone }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const [status, setStatus] = useState<Status>(record.status);
  const [reason, setReason] = useState("");
  const { busy, error, run } = useAction();

  const save = async (event: React.SubmitEvent) => {
    event.preventDefault();
    const address = `${path}/marks/${encodeURIComponent(String(record.studentId))}`;
    if (!(await run(() => request(user, address, { method: "PUT", json: { status, reason } })))) return;
    onDone();
    dialog.current?.close();
  };

  return (
    <dialog ref={dialog} aria-labelledby="correction" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void save(event)}>
        <h2 id="correction">Correct {record.studentName || String(record.studentId)}</h2>
        <label className="field">
          Status
          <select value={status} onChange={(event) => setStatus(event.target.value as Status)}>
            {STATUSES.map((each) => <option key={each} value={each}>{STATUS_WORDS[each]}</option>)}
          </select>
        </label>
        <label className="field">
          Reason
          <input required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        {error && <Alert message={error.message} />}
        <div className="actions">
          <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" className="primary" disabled={busy}>Save</button>
        </div>
      </form>
    </dialog>
  );
}
