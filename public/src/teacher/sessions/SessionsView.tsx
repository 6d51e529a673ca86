import { go, useAddress } from "../../address";
import { ofClass, type SessionInfo, type SessionTally } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { Loading } from "../../shared/Loading";
import { StatusBar } from "../../shared/StatusBar";
import { useResource } from "../../shared/useResource";
import { dayInWords, percent, timeOfDay, title } from "../../shared/words";
import { SessionReport } from "./SessionReport";

interface Props { classId: string; user: User }

/** All sessions of the class, the latest first; or one of them. */
export function SessionsView({ classId, user }: Props) {
  const { session } = useAddress();
  const list = useResource<{ sessions: SessionInfo[] }>(user, session ? null : ofClass(classId, "/sessions"));
  const tallies = useResource<{ sessions: SessionTally[] }>(user, session ? null : ofClass(classId, "/statistics/sessions"));
  if (session) return <SessionReport key={session} id={session} user={user} />;
  const byId = new Map(tallies.data?.sessions.map((each) => [each.sessionId, each]));

  return (
    <section className="stack" aria-labelledby="sessions">
      <h2 id="sessions">Sessions</h2>
      {list.error && <Alert message={list.error} onDismiss={list.reload} dismiss="Try again" />}
      {list.loading && !list.data && <Loading what="the sessions" />}
      {list.data?.sessions.length === 0 && <p className="card empty muted">No session has been held yet. Start one in the live view.</p>}
      <ul className="rows">
        {list.data?.sessions.toReversed().map((each) => {
          const tally = byId.get(each.id);
          return (
            <li key={each.id}>
              <button type="button" className="row" onClick={() => go({ session: String(each.id) })}>
                <span className="row-text">
                  <span><strong>{title(each.sessionType)}</strong> {dayInWords(each.date)}</span>
                  <span className="muted small">{timeOfDay(each.startedAt)}{each.endedAt ? `–${timeOfDay(each.endedAt)}` : ""}</span>
                </span>
                {tally ? <StatusBar tally={tally} /> : <span className="tag" data-phase={each.state}>{each.state === "active" ? "Open" : "Ended"}</span>}
                <span className="row-number">{tally ? percent(tally.rate) : ""}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
