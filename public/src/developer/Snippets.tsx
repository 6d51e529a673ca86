import { useState } from "react";
import type { User } from "../attendance/useClassAttendance";
import { CopyButton } from "./CopyButton";
import { SNIPPETS } from "./snippets";

/** Clients to begin with. */
export function Snippets({ classId, user }: { classId: string; user: User }) {
  const [chosen, setChosen] = useState(0);
  const text = SNIPPETS[chosen]?.code(location.origin, classId, user) ?? "";
  return (
    <section className="stack" aria-label="Code">
      <label className="field">
        Client
        <select value={chosen} onChange={(event) => setChosen(Number(event.target.value))}>
          {SNIPPETS.map(({ label }, i) => <option key={label} value={i}>{label}</option>)}
        </select>
      </label>
      <pre tabIndex={0} role="region" aria-label="Snippet">{text}</pre>
      <CopyButton text={text} />
      <p className="muted small">The hook <code>useAttendance</code> of this page, with its state and types, is in <code>public/src/attendance</code> and can be taken from there as it is.</p>
    </section>
  );
}
