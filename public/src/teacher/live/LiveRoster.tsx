import { useMemo, useState } from "react";
import type { Session } from "@neuracampus/attendance-client";
import { COLUMNS, inOrder, matching, type Column, type StatusOf } from "../../shared/students/arrange";
import { Filter } from "../../shared/students/Filter";
import { FILTERS, shows, type Filter as Shown } from "./filter";
import { StatusPicker } from "./StatusPicker";
import { Tile } from "./Tile";
import type { Marking } from "./useMarking";
import type { Person } from "./usePeople";
import "../../shared/students/students.css";

interface Props { people: readonly Person[]; session: Session; here: ReadonlySet<string>; flagged: ReadonlySet<string>; marking: Marking }

/** The roster, one tile for each student, live. While the session is open, a click marks. */
export function LiveRoster({ people, session, here, flagged, marking }: Props) {
  const [filter, setFilter] = useState<Shown>("all students");
  const [query, setQuery] = useState("");
  const [column, setColumn] = useState<Column>("name");
  const open = session.phase === "active";
  const { records } = session;
  const statusOf: StatusOf<Person> = ({ id }) => records.get(String(id))?.status;
  // Only the order by status changes with the marks. For the others, 1000 names are not sorted at each mark.
  const byColumn = useMemo(() => (column === "name" ? people : inOrder(people, { column: "id", descending: false }, () => undefined)), [people, column]);
  const sorted = column === "status" ? inOrder(people, { column, descending: false }, statusOf) : byColumn;
  const shown = matching(sorted, query, statusOf);

  return (
    <section className="live-roster" aria-label="Students">
      <div className="list-tools">
        {open && <StatusPicker status={marking.status} onChange={marking.setStatus} />}
        <div className="list-fields">
          <Filter columns={COLUMNS} query={query} onChange={setQuery} />
          <label className="inline">
            Show
            <select value={filter} onChange={(event) => setFilter(event.target.value as Shown)}>
              {FILTERS.map((each) => <option key={each}>{each}</option>)}
            </select>
          </label>
          <label className="inline">
            Sort by
            <select value={column} onChange={(event) => setColumn(event.target.value as Column)}>
              {COLUMNS.map((each) => <option key={each}>{each}</option>)}
            </select>
          </label>
        </div>
      </div>
      <ul className="tiles">
        {shown.map((person) => {
          const key = String(person.id);
          const record = records.get(key);
          const connected = here.has(key);
          return shows(filter, record?.status, connected) && (
            <Tile key={key} person={person} record={record} connected={connected} flagged={flagged.has(key)} onMark={open ? marking.markByClick : undefined} />
          );
        })}
      </ul>
      {people.length === 0 && <p className="empty muted">No student is on the roster yet. Students appear here when they join.</p>}
      {people.length > 0 && shown.length === 0 && <p className="empty muted">No student matches.</p>}
    </section>
  );
}
