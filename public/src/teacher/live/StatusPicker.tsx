import type { Status } from "@neuracampus/attendance-client";
import { StatusIcon } from "../../shared/StatusIcon";
import { STATUS_WORDS, STATUSES } from "../../shared/words";

/** Chooses the status that a click on a student gives. */
export function StatusPicker({ status, onChange }: { status: Status; onChange: (status: Status) => void }) {
  return (
    <fieldset className="status-picker">
      <legend>A click marks as</legend>
      {STATUSES.map((each) => (
        <label key={each} data-status={each}>
          <input type="radio" name="status-of-click" checked={status === each} onChange={() => onChange(each)} />
          <StatusIcon status={each} />
          {STATUS_WORDS[each]}
        </label>
      ))}
    </fieldset>
  );
}
