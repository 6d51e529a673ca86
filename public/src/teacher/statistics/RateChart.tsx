import type { SessionTally } from "../../api";
import { dayInWords, percent, title } from "../../shared/words";

const WIDTH = 800;
const HEIGHT = 220;
const LEFT = 48;
const BOTTOM = 12;

/** The rate of each session, in the order in which they were held. */
export function RateChart({ sessions }: { sessions: readonly SessionTally[] }) {
  const counted = sessions.filter((each) => each.rate !== null);
  const x = (i: number) => LEFT + ((i + 0.5) * (WIDTH - LEFT)) / Math.max(counted.length, 1);
  const y = (rate: number) => BOTTOM + (1 - rate) * (HEIGHT - 2 * BOTTOM);
  const line = counted.map((each, i) => `${i === 0 ? "M" : "L"}${x(i).toFixed(1)} ${y(each.rate ?? 0).toFixed(1)}`).join("");

  return (
    <figure className="rate-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Attendance of ${counted.length} sessions; the list of sessions has the numbers`}>
        {[0, 0.5, 1].map((rate) => (
          <g key={rate}>
            <path className="curve-base" d={`M${LEFT} ${y(rate)}H${WIDTH}`} />
            <text x={LEFT - 8} y={y(rate)} dominantBaseline="middle" textAnchor="end">{percent(rate)}</text>
          </g>
        ))}
        <path className="rate-line" d={line} />
        {counted.map((each, i) => (
          <circle key={each.sessionId} className="rate-dot" cx={x(i)} cy={y(each.rate ?? 0)} r="5">
            <title>{`${title(each.sessionType)}, ${dayInWords(each.date)}: ${percent(each.rate)}`}</title>
          </circle>
        ))}
      </svg>
    </figure>
  );
}
