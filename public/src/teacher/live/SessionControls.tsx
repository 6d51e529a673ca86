import { lazy, Suspense, useState } from "react";
import type { Rules, Session } from "@neuracampus/attendance-client";
import { ofClass, type Class } from "../../api";
import type { AttendanceOf, User } from "../../attendance/useClassAttendance";
import { Confirm } from "../../shared/Confirm";
import { useAction } from "../../shared/useAction";
import { useResource } from "../../shared/useResource";
import { counted, timeOfDay, title } from "../../shared/words";
import { RulesFields } from "../rules/RulesFields";
import "../rules/rules.css";
import { SpotCheck } from "./SpotCheck";
import type { Person } from "./usePeople";

const QrDialog = lazy(() => import("../qr/QrDialog"));
const TonePlayer = lazy(() => import("../../sound/TonePlayer"));

interface Props { classId: string; user: User; people: readonly Person[]; session: Session; missing: number; ready: boolean; attendance: AttendanceOf }

/** Starts, ends and reopens the session; shows the QR code and plays the tones. */
export function SessionControls({ classId, user, people, session, missing, ready, attendance }: Props) {
  const { busy, run } = useAction(); // the page shows a refusal from its own state
  const [asking, setAsking] = useState(false);
  const [showing, setShowing] = useState(false);
  const { type, phase, startedAt, endedAt, lateAt, endsAt } = session;
  const ofThisClass = useResource<Class>(user, ready ? ofClass(classId) : null).data;
  const [chosen, setChosen] = useState<Rules | null>(null); // for this session only
  const rules = chosen ?? ofThisClass;
  const start = async () => {
    if (await run(() => attendance.start({ sessionType: type, ...chosen }))) setChosen(null);
  };
  const off = !ready || busy;

  return (
    <div className="controls">
      <div>
        <h2>{title(type)} {WORDS[phase]}</h2>
        <p className="muted" role="status">
          {phase === "initial" && "Students see the button as soon as you start."}
          {phase === "active" && `${startedAt ? `Since ${timeOfDay(startedAt)}. ` : ""}Students can mark themselves${session.proof === "code" ? " with the code" : ""}.`}
          {phase === "active" && lateAt && ` Late from ${timeOfDay(lateAt)}.`}
          {phase === "active" && endsAt && ` Ends ${timeOfDay(endsAt)}.`}
          {phase === "completed" && `${endedAt ? `At ${timeOfDay(endedAt)}. ` : ""}You can reopen it today; marks are kept.`}
        </p>
      </div>
      <div className="actions">
        {phase === "initial" && <button type="button" className="primary large" disabled={off} onClick={() => void start()}>Start the {type}</button>}
        {phase === "active" && <button type="button" className="large" disabled={off} onClick={() => setAsking(true)}>End the {type}</button>}
        {phase === "completed" && <button type="button" className="large" disabled={off} onClick={() => void start()}>Reopen</button>}
        <button type="button" className="large" onClick={() => setShowing(true)}>QR code</button>
        {phase === "active" && <SpotCheck classId={classId} user={user} people={people} session={session} />}
      </div>
      {phase === "initial" && rules && (
        <details>
          <summary>Rules for this session</summary>
          <div className="session-rules-form"><RulesFields rules={rules} onChange={setChosen} /></div>
        </details>
      )}
      {phase === "active" && session.proof === "none" && (
        <Suspense fallback={<p className="tones" />}>
          <TonePlayer frequency={session.frequency} onChoose={(frequency) => attendance.start({ sessionType: type, frequency })} />
        </Suspense>
      )}
      {showing && <Suspense fallback={null}><QrDialog classId={classId} onClose={() => setShowing(false)} /></Suspense>}
      <Confirm open={asking} title={`End the ${type}?`} action="End it" onClose={() => setAsking(false)} onConfirm={() => void run(() => attendance.end({ sessionType: type }))}>
        {missing === 0 ? "No student is absent." : `${counted(missing, "student")} will stay absent.`} You can reopen it today.
      </Confirm>
    </div>
  );
}

const WORDS = { initial: "has not started", active: "is open", completed: "has ended" };
