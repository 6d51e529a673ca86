const RADIUS = 54;
const LENGTH = 2 * Math.PI * RADIUS;

/** How many students are here, as a number and as a ring. Both are SVG, so a longer number shifts no layout. */
export function Ring({ here, total }: { here: number; total: number }) {
  const share = total === 0 ? 0 : here / total;
  return (
    <svg className="ring" viewBox="0 0 128 128" role="img" aria-label={`${here} of ${total} here`}>
      <g transform="rotate(-90 64 64)">
        <circle className="ring-track" cx="64" cy="64" r={RADIUS} />
        <circle className="ring-fill" cx="64" cy="64" r={RADIUS} strokeDasharray={LENGTH} strokeDashoffset={LENGTH * (1 - share)} />
      </g>
      <text className="ring-count" x="64" y="70">{here}</text>
      <text x="64" y="88">of {total} here</text>
    </svg>
  );
}
