import { useDeferredValue, useState } from "react";
import { EventLine } from "./EventLine";
import { record } from "./record";
import { useRecord } from "./useRecord";

const DIRECTIONS = ["all", "in", "out", "ack"] as const;
const SHOWN = 200;

/** Every event in and out, the newest first. */
export function EventLog() {
  const entries = useDeferredValue(useRecord());
  const [text, setText] = useState("");
  const [direction, setDirection] = useState<(typeof DIRECTIONS)[number]>("all");
  const wanted = text.trim().toLowerCase();
  const shown = entries
    .filter((entry) => direction === "all" || entry.direction === direction)
    .filter((entry) => !wanted || `${entry.event} ${JSON.stringify(entry.payload)}`.toLowerCase().includes(wanted))
    .slice(-SHOWN)
    .reverse();

  return (
    <section className="event-log" aria-label="Events">
      <div className="log-tools">
        <input type="search" aria-label="Filter events" placeholder="Filter by name or payload" value={text} onChange={(event) => setText(event.target.value)} />
        <select aria-label="Direction" value={direction} onChange={(event) => setDirection(event.target.value as typeof direction)}>
          {DIRECTIONS.map((each) => <option key={each}>{each}</option>)}
        </select>
        <button type="button" onClick={record.clear}>Clear</button>
      </div>
      <p className="muted small">{shown.length} of {entries.length} events</p>
      <ol>{shown.map((entry) => <EventLine key={entry.number} entry={entry} />)}</ol>
    </section>
  );
}
