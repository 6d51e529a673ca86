import { useCallback, useMemo, useState } from "react";
import type { Id, MarkRecord } from "@neuracampus/attendance-client";
import { go } from "../../address";
import { download, type SessionReport as Report } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { Loading } from "../../shared/Loading";
import { COLUMNS } from "../../shared/students/arrange";
import { StudentTable } from "../../shared/students/StudentTable";
import { useAction } from "../../shared/useAction";
import { useResource } from "../../shared/useResource";
import { dayInWords, timeOfDay, title } from "../../shared/words";
import { SessionFlags } from "../flags/SessionFlags";
import { Changes } from "./Changes";
import { Correction } from "./Correction";
import { RecordRow } from "./RecordRow";

interface Recorded { id: Id; name: string; record: MarkRecord }
const statusOf = ({ record }: Recorded) => record.status;

/** One session's records, with a way to correct them. */
export function SessionReport({ id, user }: { id: string; user: User }) {
  const path = `/sessions/${encodeURIComponent(id)}`;
  const report = useResource<Report>(user, path);
  const exporting = useAction();
  const [corrected, setCorrected] = useState(0);
  const [editing, setEditing] = useState<MarkRecord | null>(null);
  const { data } = report;
  const records = data?.records;
  const students = useMemo(() => (records ?? []).map((record): Recorded => ({ id: record.studentId, name: record.studentName, record })), [records]);
  const row = useCallback(({ id, record }: Recorded) => <RecordRow key={String(id)} record={record} onCorrect={setEditing} />, []);

  return (
    <section className="stack" aria-labelledby="session">
      <button type="button" className="quiet back" onClick={() => go({ session: "" })}>← All sessions</button>
      {report.error && <Alert message={report.error} onDismiss={report.reload} dismiss="Try again" />}
      {!data && report.loading && <Loading what="the session" />}
      {data && (
        <>
          <header className="view-head">
            <div>
              <h2 id="session">{title(data.sessionType)}, {dayInWords(data.date)}</h2>
              <p className="muted">{data.state === "active" ? "Open since" : "Started at"} {timeOfDay(data.startedAt)}{data.endedAt && `, ended at ${timeOfDay(data.endedAt)}`}</p>
            </div>
            <button type="button" disabled={exporting.busy} onClick={() => void exporting.run(() => download(user, `${path}/export`))}>Save as CSV</button>
          </header>
          {exporting.error && <Alert message={exporting.error.message} />}
          <SessionFlags user={user} path={path} records={data.records} />
          <StudentTable label="Records" students={students} columns={COLUMNS} statusOf={statusOf} row={row} />
          <Changes user={user} path={path} records={data.records} version={corrected} />
        </>
      )}
      {editing && (
        <Correction
          user={user} path={path} record={editing} onClose={() => setEditing(null)}
          onDone={() => {
            setCorrected((n) => n + 1);
            report.reload();
          }}
        />
      )}
    </section>
  );
}
