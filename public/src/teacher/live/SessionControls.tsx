import { useState } from "react";
import type { Session } from "../../attendance/state";
import type { AttendanceOf } from "../../attendance/useAttendance";
import { Confirm } from "../../shared/Confirm";
import { counted, timeOfDay, title } from "../../shared/words";

interface Props { session: Session; missing: number; ready: boolean; attendance: AttendanceOf }

/** Opens, ends and opens again. */
export function SessionControls({ session, missing, ready, attendance }: Props) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const { type, phase, startedAt, endedAt } = session;

  const run = async (action: () => Promise<unknown>) => {
    setBusy(true);
    // The hook has put a refusal into its state, which the page shows.
    await action().catch(() => undefined);
    setBusy(false);
  };
  const start = () => void run(() => attendance.initiate(type));
  const end = () => void run(() => attendance.end(type));

  return (
    <div className="controls">
      <div>
        <h2>{HEADINGS[phase](title(type))}</h2>
        <p className="muted" role="status">
          {phase === "initial" && "Nobody is marked yet. Students see the button as soon as you start."}
          {phase === "active" && (startedAt ? `Since ${timeOfDay(startedAt)}. Students can mark themselves.` : "Students can mark themselves.")}
          {phase === "completed" && (endedAt ? `Since ${timeOfDay(endedAt)}. Nobody can mark themselves any more.` : "Nobody can mark themselves any more.")}
        </p>
      </div>
      {phase === "initial" && <button type="button" className="primary large" disabled={!ready || busy} onClick={start}>Start the {type}</button>}
      {phase === "active" && <button type="button" className="large" disabled={!ready || busy} onClick={() => setAsking(true)}>End the {type}</button>}
      {phase === "completed" && <button type="button" className="large" disabled={!ready || busy} onClick={start}>Reopen</button>}
      <Confirm open={asking} title={`End the ${type}?`} action="End it" onClose={() => setAsking(false)} onConfirm={end}>
        {missing === 0 ? "Everybody is accounted for." : `${counted(missing, "student")} will stay absent.`} You can reopen it today.
      </Confirm>
    </div>
  );
}

const HEADINGS = {
  initial: (name: string) => `${name} has not started`,
  active: (name: string) => `${name} is open`,
  completed: (name: string) => `${name} has ended`,
};
