import { memo } from "react";
import { asCode } from "./code";
import { CopyButton } from "./CopyButton";
import type { Entry } from "./record";

const ARROWS = { in: "↓ in", out: "↑ out", ack: "✓ ack" };

export const EventLine = memo(function EventLine({ entry }: { entry: Entry }) {
  return (
    <li className="event-line" data-direction={entry.direction}>
      <details>
        <summary>
          <span className="direction">{ARROWS[entry.direction]}</span>
          <strong>{entry.event}</strong>
          <time>{clock(entry.at)}</time>
          <code>{JSON.stringify(entry.payload)}</code>
        </summary>
        <pre>{JSON.stringify(entry.payload, null, 2)}</pre>
        <CopyButton text={asCode(entry)} label="Copy as code" />
      </details>
    </li>
  );
});

/** 09:02:11.250 */
const clock = (at: number) => new Date(at).toTimeString().slice(0, 8) + "." + String(at % 1000).padStart(3, "0");
