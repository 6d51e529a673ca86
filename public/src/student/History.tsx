import { ofClass, type History as Past } from "../api";
import type { User } from "../attendance/useClassAttendance";
import { Alert } from "../shared/Alert";
import { StatusIcon } from "../shared/StatusIcon";
import { useResource } from "../shared/useResource";
import { counted, dayInWords, percent, STATUS_WORDS, title } from "../shared/words";

interface Props { classId: string; user: User; version: string }

/** The student's own attendance in this class so far. It is read again when `version` changes. */
export function History({ classId, user, version }: Props) {
  const { data, error, reload } = useResource<Past>(user, ofClass(classId, "/history"), version);
  const over = data?.sessions.filter((session) => session.state === "completed") ?? [];
  return (
    <section className="card stack history" aria-labelledby="history">
      <header className="view-head">
        <h2 id="history">Your attendance</h2>
        {data?.rate != null && <strong className="rate">{percent(data.rate)}</strong>}
      </header>
      {error && <Alert message={error} onDismiss={reload} dismiss="Try again" />}
      <p className="muted">
        {data && (over.length === 0 ? "No session has ended yet." : `${data.present + data.late} of ${counted(data.held - data.excused, "session")}${data.excused > 0 ? `, ${data.excused} excused` : ""}`)}
      </p>
      <ul className="rows">
        {over.map((session) => (
          <li key={session.sessionId} className="row">
            <StatusIcon status={session.status} />
            <span className="row-text">
              <span>{title(session.sessionType)}, {dayInWords(session.date)}</span>
              <span className="muted small">{STATUS_WORDS[session.status]}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
