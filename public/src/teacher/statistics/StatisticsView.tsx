import { download, ofClass, type SessionTally, type Tally } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { Loading } from "../../shared/Loading";
import { useAction } from "../../shared/useAction";
import { useResource } from "../../shared/useResource";
import { counted, percent } from "../../shared/words";
import { Below } from "./Below";
import { RateChart } from "./RateChart";

/** The class over time, and the students whose attendance is low. */
export function StatisticsView({ classId, user }: { classId: string; user: User }) {
  const sum = useResource<Tally>(user, ofClass(classId, "/statistics"));
  const sessions = useResource<{ sessions: SessionTally[] }>(user, ofClass(classId, "/statistics/sessions"));
  const exporting = useAction();
  const held = sessions.data?.sessions ?? [];

  return (
    <div className="stack">
      <header className="view-head">
        <h2>Statistics</h2>
        <button type="button" disabled={exporting.busy} onClick={() => void exporting.run(() => download(user, ofClass(classId, "/export")))}>
          Save all sessions as CSV
        </button>
      </header>
      {exporting.error && <Alert message={exporting.error.message} />}
      {sum.error && <Alert message={sum.error} onDismiss={sum.reload} dismiss="Try again" />}
      {!sum.data && sum.loading && <Loading what="the statistics" />}
      {sum.data && (
        <section className="card figures" aria-label="In total">
          <p><strong>{percent(sum.data.rate)}</strong> attended</p>
          <p><strong>{held.length}</strong> {held.length === 1 ? "session" : "sessions"} held</p>
          <p><strong>{sum.data.absent}</strong> {sum.data.absent === 1 ? "absence" : "absences"}</p>
          <p><strong>{sum.data.late}</strong> times late</p>
        </section>
      )}
      {held.length > 0 ? (
        <section className="card" aria-labelledby="over-time">
          <h3 id="over-time">{counted(held.length, "session")}, oldest first</h3>
          <RateChart sessions={held} />
        </section>
      ) : (
        sessions.data && <p className="card empty muted">The curve begins with the first session that has ended.</p>
      )}
      <Below classId={classId} user={user} />
    </div>
  );
}
