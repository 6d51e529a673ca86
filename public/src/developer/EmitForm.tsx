import type { AttendanceSocket, ClientEvent } from "@neuracampus/attendance-client";
import { useState } from "react";
import type { User } from "../attendance/useClassAttendance";
import protocol from "../protocol.json";
import { Alert } from "../shared/Alert";
import { example } from "./example";
import { emit } from "./record";

const EVENTS = Object.keys(protocol.client) as ClientEvent[];

/** Sends any event by hand, beginning with a payload that is valid here and now. */
export function EmitForm({ socket, classId, user }: { socket: AttendanceSocket; classId: string; user: User }) {
  const fresh = (name: ClientEvent) => JSON.stringify(example(name, classId, user), null, 2);
  const [event, setEvent] = useState<ClientEvent>(EVENTS[0] ?? "identify");
  const [text, setText] = useState(() => fresh(event));
  const [reply, setReply] = useState("");
  const [error, setError] = useState<string | null>(null);

  const choose = (name: ClientEvent) => {
    setEvent(name);
    setText(fresh(name));
    setReply("");
    setError(null);
  };
  const send = async (submit: React.SubmitEvent) => {
    submit.preventDefault();
    setReply("");
    setError(null);
    try {
      const answer = await emit(socket, event, JSON.parse(text));
      if (answer.success) setReply(JSON.stringify(answer, null, 2));
      else setError(answer.message);
    } catch (problem) {
      setError(problem instanceof SyntaxError ? `This is no JSON: ${problem.message}` : (problem as Error).message);
    }
  };

  return (
    <form className="emit stack" onSubmit={(submit) => void send(submit)}>
      <label className="field">
        Event
        <select value={event} onChange={(change) => choose(change.target.value as ClientEvent)}>
          {EVENTS.map((each) => <option key={each}>{each}</option>)}
        </select>
      </label>
      <p className="muted small">{protocol.client[event].about}</p>
      <label className="field">
        Payload
        <textarea className="mono" rows={9} spellCheck={false} value={text} onChange={(change) => setText(change.target.value)} />
      </label>
      <button type="submit" className="primary">Emit</button>
      {error && <Alert message={error} />}
      <div role="status">{reply && <><p className="small">Acknowledged:</p><pre>{reply}</pre></>}</div>
    </form>
  );
}
