import { useEffect, useRef, useState } from "react";
import type { Session } from "@neuracampus/attendance-client";
import { request } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { useAction } from "../../shared/useAction";
import { draw } from "./draw";
import { findSession } from "./findSession";
import type { Person } from "./usePeople";

interface Props { classId: string; user: User; people: readonly Person[]; session: Session }

const DRAWN = 3;
const REASON = "Not here at a spot check";

/** Draws students who are marked as here, for the teacher to call. Who does not answer becomes absent, with the reason. */
export function SpotCheck({ classId, user, people, session }: Props) {
  const [drawn, setDrawn] = useState<readonly Person[] | null>(null);
  const here = people.filter(({ id }) => ["present", "late"].includes(session.records.get(String(id))?.status ?? ""));
  return (
    <>
      <button type="button" className="large" disabled={here.length === 0} onClick={() => setDrawn(draw(here, DRAWN))}>Spot check</button>
      {drawn && <Called classId={classId} user={user} type={session.type} drawn={drawn} onClose={() => setDrawn(null)} />}
    </>
  );
}

interface CalledProps { classId: string; user: User; type: string; drawn: readonly Person[]; onClose: () => void }

function Called({ classId, user, type, drawn, onClose }: CalledProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const [missing, setMissing] = useState<ReadonlySet<Person>>(new Set());
  const { busy, error, run } = useAction();

  const setAbsent = async (person: Person) => {
    const done = await run(async () => {
      const session = await findSession(user, classId, type);
      const path = `/sessions/${session}/marks/${encodeURIComponent(String(person.id))}`;
      await request(user, path, { method: "PUT", json: { status: "absent", reason: REASON } });
    });
    if (done) setMissing((known) => new Set(known).add(person));
  };

  return (
    <dialog ref={dialog} aria-labelledby="spot-check" onClose={onClose}>
      <h2 id="spot-check">Spot check</h2>
      <p className="muted">Call these students. Who does not answer becomes absent, and the history says why.</p>
      <ul className="rows">
        {drawn.map((person) => (
          <li key={String(person.id)} className="row">
            <span className="row-text">{person.name}</span>
            {missing.has(person)
              ? <span className="muted">Absent</span>
              : <button type="button" disabled={busy} onClick={() => void setAbsent(person)}>Not here</button>}
          </li>
        ))}
      </ul>
      {error && <Alert message={error.message} />}
      <div className="actions"><button type="button" className="primary" onClick={() => dialog.current?.close()}>Done</button></div>
    </dialog>
  );
}
