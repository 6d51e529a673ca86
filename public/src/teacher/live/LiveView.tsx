import { lazy, Suspense, useEffect, useState } from "react";
import { emptySession } from "@neuracampus/attendance-client";
import { go, useAddress } from "../../address";
import { ofClass, type Present, type Student } from "../../api";
import type { AttendanceOf, User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { Announcement } from "../../shared/Announcement";
import { useResource } from "../../shared/useResource";
import { counted, title } from "../../shared/words";
import { FlagList } from "../flags/FlagList";
import { useLiveFlags } from "../flags/useLiveFlags";
import { count } from "./count";
import { Curve } from "./Curve";
import { LiveRoster } from "./LiveRoster";
import { Ring } from "./Ring";
import { SessionControls } from "./SessionControls";
import { Summary } from "./Summary";
import { UndoBar } from "./UndoBar";
import { useMarking } from "./useMarking";
import { usePeople } from "./usePeople";
import "./live.css";

const CodePanel = lazy(() => import("../proof/CodePanel"));

interface Props { classId: string; user: User; attendance: AttendanceOf }

const USUAL_TYPES = ["lecture", "lab"];
const NO_STUDENTS: readonly Student[] = [];

/** Today's session of one type, as it happens. */
export function LiveView({ classId, user, attendance }: Props) {
  const { sessions, here, joined, setHere } = attendance;
  const types = [...new Set([...USUAL_TYPES, ...Object.keys(sessions)])];
  const active = types.find((type) => sessions[type]?.phase === "active");
  const type = useAddress().type || active || "lecture";
  const session = sessions[type] ?? emptySession(type);

  // Events have only the changes from now on. The API has the state before them.
  const [unnamed, setUnnamed] = useState("");
  const roster = useResource<{ students: Student[] }>(user, joined ? ofClass(classId, "/roster") : null, unnamed);
  const present = useResource<{ users: Present[] }>(user, joined ? ofClass(classId, "/presence") : null);
  const users = present.data?.users;
  useEffect(() => {
    if (users) setHere(users.filter((each) => each.role === "student").map((each) => each.userId));
  }, [users, setHere]);

  const people = usePeople(roster.data?.students ?? NO_STUDENTS, session);
  // In open mode a student comes onto the roster by joining, and no event has their name yet.
  const known = new Set(people.map(({ id }) => String(id)));
  const unknown = [...here].filter((id) => !known.has(id)).join("\n");
  if (unknown && unknown !== unnamed) setUnnamed(unknown);

  const marking = useMarking(attendance, session);
  const flagged = useLiveFlags(user, classId, session, joined);
  const counts = count(session.records.values());

  return (
    <div className="live">
      <nav className="segments" aria-label="Session type">
        {types.map((each) => (
          <button key={each} type="button" aria-current={each === type} onClick={() => go({ type: each })}>
            {title(each)}
            {sessions[each]?.phase === "active" && <span className="tag" data-phase="active">Open</span>}
          </button>
        ))}
      </nav>
      {roster.error && <Alert message={roster.error} onDismiss={roster.reload} dismiss="Try again" />}
      <section className="card hero" data-phase={session.phase}>
        <Ring here={counts.here} total={Math.max(counts.total, people.length)} />
        <div className="hero-side">
          <SessionControls key={session.type} classId={classId} user={user} people={people} session={session} missing={counts.absent} ready={joined} attendance={attendance} />
          <Curve session={session} />
        </div>
      </section>
      {session.phase === "active" && session.proof === "code" && (
        <Suspense fallback={null}><CodePanel classId={classId} sessionType={session.type} attendance={attendance} /></Suspense>
      )}
      {session.phase === "completed" && <Summary classId={classId} user={user} people={people} session={session} />}
      {flagged.path && flagged.flags.length > 0 && (
        <section className="card flags" aria-label="Flags">
          <h2>{counted(flagged.flags.length, "flag")}</h2>
          <FlagList user={user} path={flagged.path} flags={flagged.flags} names={new Map(people.map(({ id, name }) => [String(id), name]))} onDismissed={flagged.reload} />
        </section>
      )}
      <Announcement text={flagged.flags.length > 0 ? `${counted(flagged.flags.length, "flag")} to look at` : ""} />
      <Announcement text={session.phase === "active" ? `${counts.here} of ${counts.total} here` : ""} />
      <LiveRoster people={people} session={session} here={here} flagged={flagged.students} marking={marking} />
      <UndoBar marking={marking} />
    </div>
  );
}
