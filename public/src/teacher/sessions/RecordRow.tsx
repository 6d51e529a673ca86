import { memo } from "react";
import type { MarkRecord } from "@neuracampus/attendance-client";
import { StatusIcon } from "../../shared/StatusIcon";
import { STATUS_WORDS, timeOfDay } from "../../shared/words";

interface Props { record: MarkRecord; onCorrect: (record: MarkRecord) => void }

/** One student's record in a session. */
export const RecordRow = memo(function RecordRow({ record, onCorrect }: Props) {
  const id = String(record.studentId);
  return (
    <tr role="row">
      <td role="cell" className="cell-name"><bdi>{record.studentName || id}</bdi></td>
      <td role="cell" className="cell-id muted small mono">{id}</td>
      <td role="cell" className="cell-status">
        <span className="status-cell">
          <StatusIcon status={record.status} />
          <span>
            {STATUS_WORDS[record.status]}
            <span className="muted small">{timeOfDay(record.recordedAt)} by {String(record.recordedBy)}</span>
          </span>
        </span>
      </td>
      <td role="cell"><button type="button" aria-label={`Correct ${record.studentName || id}`} onClick={() => onCorrect(record)}>Correct</button></td>
    </tr>
  );
});
