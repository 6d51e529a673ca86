import type { SessionTally } from "../../api";
import { dayInWords, percent, title } from "../../shared/words";

/** The rate of each session, in the order in which they were held. */
export function RateChart({ sessions }: { sessions: readonly SessionTally[] }) {
  const points = sessions
    .filter((session) => session.rate !== null)
    .map((session, i, all) => ({ session, x: ((i + 0.5) * 100) / all.length, y: 100 - (session.rate ?? 0) * 100 }));
  const line = points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
  const last = points.at(-1);

  return (
    <figure className="rate-chart">
      <div className="rate-scale" aria-hidden="true"><span>100 %</span><span>50 %</span><span>0 %</span></div>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={`A curve that ends at ${percent(last?.session.rate ?? null)}; the list of sessions has all numbers`}>
        <path className="curve-base" d="M0 0H100M0 50H100M0 100H100" />
        <path className="rate-line" d={line} />
        {points.map(({ session, x, y }) => (
          <path key={session.sessionId} className="rate-dot" d={`M${x.toFixed(2)} ${y.toFixed(2)}h0`}>
            <title>{`${title(session.sessionType)}, ${dayInWords(session.date)}: ${percent(session.rate)}`}</title>
          </path>
        ))}
      </svg>
    </figure>
  );
}
