import { useState } from "react";
import { go, useAddress } from "../address";
import type { Asker } from "../api";
import { ClassList } from "./ClassList";

interface Props { user: Asker; notTakenToday: boolean }

/** All classes, or those whose attendance nobody has taken today. */
export function ClassesView({ user, notTakenToday }: Props) {
  const { search } = useAddress();
  const [typed, setTyped] = useState(search);
  return (
    <section className="stack" aria-labelledby="classes">
      <header className="view-head">
        <h2 id="classes">{notTakenToday ? "No attendance today" : "Classes"}</h2>
        <form
          role="search"
          className="inline class-search"
          onSubmit={(event) => {
            event.preventDefault();
            go({ search: typed.trim() });
          }}
        >
          <input
            type="search" aria-label="Find a class or a teacher" placeholder="Class or teacher" maxLength={200}
            value={typed} onChange={(event) => setTyped(event.target.value)}
          />
          <button type="submit">Find</button>
        </form>
      </header>
      {notTakenToday && <p className="muted">Nobody has started a session of these classes today. The owner is the teacher to ask.</p>}
      <ClassList key={search} user={user} search={search} notTakenToday={notTakenToday} />
    </section>
  );
}
