import { useMemo } from "react";
import type { Session } from "@neuracampus/attendance-client";
import { captionOf, curveOf, stepPath } from "./curve";

const WIDTH = 600;
const HEIGHT = 96;

/** The marks over time, from the opening until the last mark. */
export function Curve({ session }: { session: Session }) {
  const { records, startedAt } = session;
  const curve = useMemo(() => {
    const { from, points } = curveOf(records.values());
    const first = startedAt ? Math.min(Date.parse(startedAt), from) : from;
    const last = points.at(-1)?.at ?? first;
    const line = stepPath(points, first, Math.max(last, first + 60_000), records.size, WIDTH, HEIGHT);
    return { line, first, last, here: points.length };
  }, [records, startedAt]);
  const shown = curve.here > 0;
  const label = shown ? captionOf(curve.here, new Date(curve.first), new Date(curve.last)) : "No marks yet";

  return (
    <figure className="curve">
      <svg viewBox={`0 -4 ${WIDTH} ${HEIGHT + 8}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <path className="curve-base" d={`M0 ${HEIGHT}H${WIDTH}`} />
        {shown && <path className="curve-area" d={`${curve.line}V${HEIGHT}Z`} />}
        {shown && <path className="curve-line" d={curve.line} />}
      </svg>
      <figcaption className="muted small">{label}</figcaption>
    </figure>
  );
}
