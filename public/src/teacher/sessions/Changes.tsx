import type { Change } from "../../api";
import type { User } from "../../attendance/useAttendance";
import type { MarkRecord } from "../../events";
import { useResource } from "../../shared/useResource";
import { STATUS_WORDS, timeOfDay } from "../../shared/words";

interface Props { user: User; path: string; records: readonly MarkRecord[]; version: number }

/** The corrections of a session: who changed what, and why. */
export function Changes({ user, path, records, version }: Props) {
  const { data } = useResource<{ changes: Change[] }>(user, `${path}/changes`, version);
  const corrections = data?.changes.filter((change) => change.reason !== "") ?? [];
  if (corrections.length === 0) return null;
  const names = new Map(records.map((record) => [String(record.studentId), record.studentName]));
  return (
    <section className="stack" aria-labelledby="corrections">
      <h3 id="corrections">Corrections</h3>
      <ul className="rows">
        {corrections.map((change) => (
          <li key={`${String(change.studentId)} ${change.changedAt}`} className="row">
            <span className="row-text">
              <span>{names.get(String(change.studentId)) ?? String(change.studentId)}: {change.from ? STATUS_WORDS[change.from] : "no mark"} → {STATUS_WORDS[change.to]}</span>
              <span className="muted small">“{change.reason}”, {String(change.changedBy)} at {timeOfDay(change.changedAt)}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
