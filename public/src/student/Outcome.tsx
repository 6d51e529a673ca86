import type { MarkRecord } from "@neuracampus/attendance-client";
import { StatusIcon } from "../shared/StatusIcon";
import { STATUS_WORDS, timeOfDay } from "../shared/words";

interface Props { record: MarkRecord | undefined; ended: boolean; byOther: boolean }

/** The student's record. A student without one was absent. */
export function Outcome({ record, ended, byOther }: Props) {
  const status = record?.status ?? "absent";
  return (
    <div className="outcome" data-status={status} role="status">
      <StatusIcon status={status} />
      <div>
        <strong className="outcome-word">{STATUS_WORDS[status]}</strong>
        <p className="muted">
          {!record || status === "absent"
            ? "The session has ended, and you were not marked. Tell your teacher if you were here."
            : `Recorded at ${timeOfDay(record.recordedAt)}${byOther ? " by your teacher" : ""}.${ended ? " The session has ended." : ""}`}
        </p>
      </div>
    </div>
  );
}
