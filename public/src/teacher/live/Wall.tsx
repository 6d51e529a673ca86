import { useState } from "react";
import type { Session } from "../../attendance/state";
import { Brush } from "./Brush";
import { Tile } from "./Tile";
import type { Marking } from "./useMarking";
import type { Person } from "./usePeople";
import { FILTERS, shows, type Filter } from "./filter";

interface Props { people: readonly Person[]; session: Session; here: ReadonlySet<string>; marking: Marking }

/** The roster, one tile each, live. While the session is open a click marks. */
export function Wall({ people, session, here, marking }: Props) {
  const [filter, setFilter] = useState<Filter>("everybody");
  const open = session.phase === "active";
  return (
    <section className="wall" aria-label="Students">
      <div className="wall-tools">
        {open && <Brush status={marking.brush} onChange={marking.setBrush} />}
        <label className="inline">
          Show
          <select value={filter} onChange={(event) => setFilter(event.target.value as Filter)}>
            {FILTERS.map((each) => <option key={each}>{each}</option>)}
          </select>
        </label>
      </div>
      <ul className="tiles">
        {people.map((person) => {
          const key = String(person.id);
          const record = session.records.get(key);
          const connected = here.has(key);
          return shows(filter, record?.status, connected) && (
            <Tile key={key} person={person} record={record} connected={connected} onMark={open ? marking.paint : undefined} />
          );
        })}
      </ul>
      {people.length === 0 && <p className="empty muted">Nobody is on the roster yet. Students appear here as they join.</p>}
    </section>
  );
}
