const RADIUS = 54;
const LENGTH = 2 * Math.PI * RADIUS;

/** How many are here, as a number and as a ring that fills. */
export function Ring({ here, total }: { here: number; total: number }) {
  const share = total === 0 ? 0 : here / total;
  return (
    <div className="ring">
      <svg viewBox="0 0 128 128" aria-hidden="true">
        <circle className="ring-track" cx="64" cy="64" r={RADIUS} />
        <circle className="ring-fill" cx="64" cy="64" r={RADIUS} strokeDasharray={LENGTH} strokeDashoffset={LENGTH * (1 - share)} />
      </svg>
      <p className="ring-count">
        <strong>{here}</strong>
        <span className="muted">of {total} here</span>
      </p>
    </div>
  );
}
