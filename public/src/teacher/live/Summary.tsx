import type { Session } from "@neuracampus/attendance-client";
import { download } from "../../api";
import { go } from "../../address";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { StatusIcon } from "../../shared/StatusIcon";
import { useAction } from "../../shared/useAction";
import { counted, percent, STATUS_WORDS, STATUSES } from "../../shared/words";
import { count } from "./count";
import { findSession } from "./findSession";
import type { Person } from "./usePeople";

interface Props { classId: string; user: User; people: readonly Person[]; session: Session }

/** The counts of a session that has ended, and who is missing. */
export function Summary({ classId, user, people, session }: Props) {
  const { busy, error, run } = useAction();
  const counts = count(session.records.values());
  const missing = people.filter(({ id }) => session.records.get(String(id))?.status === "absent");
  const expected = counts.total - counts.excused;

  const find = () => findSession(user, classId, session.type);

  return (
    <section className="card summary" aria-label="Summary">
      <header>
        <h2>{missing.length === 0 ? "No student is missing" : `${counted(missing.length, "student is", "students are")} missing`}</h2>
        <p className="muted">{percent(expected > 0 ? counts.here / expected : null)} attended.</p>
      </header>
      <ul className="status-counts">
        {STATUSES.map((status) => (
          <li key={status}><StatusIcon status={status} /><strong>{counts[status]}</strong> {STATUS_WORDS[status]}</li>
        ))}
      </ul>
      {missing.length > 0 && <ul className="names">{missing.map(({ id, name }) => <li key={String(id)}>{name}</li>)}</ul>}
      <div className="actions">
        <button type="button" disabled={busy} onClick={() => void run(async () => download(user, `/sessions/${await find()}/export`))}>
          Save as CSV
        </button>
        <button type="button" disabled={busy} onClick={() => void run(async () => go({ view: "sessions", session: String(await find()) }))}>
          Correct the records
        </button>
      </div>
      {error && <Alert message={error.message} />}
    </section>
  );
}
