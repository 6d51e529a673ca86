import type { MarkRecord } from "../events";
import { StatusIcon } from "../shared/StatusIcon";
import { STATUS_WORDS, timeOfDay } from "../shared/words";

interface Props { record: MarkRecord | undefined; ended: boolean; byOther: boolean }

/** How the student is recorded. */
export function Outcome({ record, ended, byOther }: Props) {
  if (!record) {
    return <p className="hint">{ended ? "It has ended, and you are not on its list." : "You are not on the list."}</p>;
  }
  const { status, recordedAt } = record;
  return (
    <div className="outcome" data-status={status} role="status">
      <StatusIcon status={status} />
      <div>
        <strong className="outcome-word">{STATUS_WORDS[status]}</strong>
        <p className="muted">
          {status === "absent"
            ? "It has ended, and you were not marked. Tell your teacher if you were here."
            : `Recorded at ${timeOfDay(recordedAt)}${byOther ? " by your teacher" : ""}.${ended ? " The session has ended." : ""}`}
        </p>
      </div>
    </div>
  );
}
