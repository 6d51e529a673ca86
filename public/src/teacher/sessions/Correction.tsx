import { useState } from "react";
import type { MarkRecord, Status } from "@neuracampus/attendance-client";
import { request } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { ReasonDialog } from "../../shared/ReasonDialog";
import { STATUS_WORDS, STATUSES } from "../../shared/words";

interface Props { user: User; path: string; record: MarkRecord; onClose: () => void; onDone: () => void }

/** Asks for the right status and the reason, which the audit trail keeps. */
export function Correction({ user, path, record, onClose, onDone }: Props) {
  const [status, setStatus] = useState<Status>(record.status);
  const address = `${path}/marks/${encodeURIComponent(String(record.studentId))}`;
  const save = (reason: string) => request(user, address, { method: "PUT", json: { status, reason } });
  return (
    <ReasonDialog title={`Correct ${record.studentName || String(record.studentId)}`} action="Save" act={save} onClose={onClose} onDone={onDone}>
      <label className="field">
        Status
        <select value={status} onChange={(event) => setStatus(event.target.value as Status)}>
          {STATUSES.map((each) => <option key={each} value={each}>{STATUS_WORDS[each]}</option>)}
        </select>
      </label>
    </ReasonDialog>
  );
}
