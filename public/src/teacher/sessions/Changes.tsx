import { useState } from "react";
import type { MarkRecord } from "@neuracampus/attendance-client";
import type { ChangesPage } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { useResource } from "../../shared/useResource";
import { STATUS_WORDS, timeOfDay } from "../../shared/words";

interface Props { user: User; path: string; records: readonly MarkRecord[]; version: number }
interface PageProps extends Omit<Props, "records"> { names: ReadonlyMap<string, string>; after: number }

const PAGE = 100;

/** The corrections of a session: who changed what, and why. */
export function Changes({ user, path, records, version }: Props) {
  const names = new Map(records.map((record) => [String(record.studentId), record.studentName]));
  return <Page user={user} path={path} version={version} names={names} after={0} />;
}

/** A page of the corrections, and a button for the next page. */
function Page({ user, path, version, names, after }: PageProps) {
  const from = after > 0 ? `&after=${after}` : "";
  const { data } = useResource<ChangesPage>(user, `${path}/changes?way=correction&limit=${PAGE}${from}`, version);
  const [more, setMore] = useState(false);
  if (!data || data.changes.length === 0) return null;
  return (
    <section className="stack" aria-label="Corrections">
      {after === 0 && <h3>Corrections</h3>}
      <ul className="rows">
        {data.changes.map((change) => (
          <li key={`${String(change.studentId)} ${change.changedAt}`} className="row">
            <span className="row-text">
              <span>{names.get(String(change.studentId)) ?? String(change.studentId)}: {change.from ? STATUS_WORDS[change.from] : "no mark"} → {STATUS_WORDS[change.to]}</span>
              <span className="muted small">“{change.reason}”, {String(change.changedBy)}{change.changedByRole === "admin" && " (administrator)"} at {timeOfDay(change.changedAt)}</span>
            </span>
          </li>
        ))}
      </ul>
      {data.next !== null && !more && <button type="button" onClick={() => setMore(true)}>Show more</button>}
      {data.next !== null && more && <Page user={user} path={path} version={version} names={names} after={data.next} />}
    </section>
  );
}
