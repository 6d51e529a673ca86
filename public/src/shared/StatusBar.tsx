import type { Tally } from "../api";
import { STATUS_WORDS, STATUSES } from "./words";

/** The four statuses as parts of one bar. The label has the numbers. */
export function StatusBar({ tally }: { tally: Tally }) {
  const label = STATUSES.filter((status) => tally[status] > 0).map((status) => `${tally[status]} ${STATUS_WORDS[status].toLowerCase()}`);
  return (
    <svg className="status-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label.join(", ") || "No marks"}>
      {STATUSES.map((status, i) => {
        const before = STATUSES.slice(0, i).reduce((sum, each) => sum + tally[each], 0);
        const share = (n: number) => (n / Math.max(tally.held, 1)) * 100;
        return <rect key={status} data-status={status} x={share(before)} width={share(tally[status])} y="0" height="8" />;
      })}
    </svg>
  );
}
