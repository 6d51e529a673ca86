// What a run says at its end.
import { connectionsOf } from "./told.mjs";

const violationsShown = 10;

/** How much happened. A run in which one of these is 0 has shown nothing. */
export function countsOf(recording, history) {
  const entries = recording.clients.flatMap((client) => client.entries);
  const answers = entries.filter(({ kind, event }) => kind === "answer" && event === "attendanceMarked");
  return {
    clients: recording.clients.length,
    connections: recording.clients.flatMap(connectionsOf).length,
    sessions: history.sessions.length,
    "marks stored": history.marks.filter(({ way }) => way === "socket").length,
    "marks refused": answers.filter(({ answer }) => !answer.success).length,
    "events received": entries.filter(({ kind }) => kind === "event").length,
  };
}

/** From the timestamp of a mark to its arrival at each client, in milliseconds: the median and the 99th percentile. */
function deliveryTimes(recording) {
  const times = recording.clients
    .flatMap(({ entries }) => entries)
    .filter(({ event, kind }) => kind === "event" && event === "attendanceUpdate")
    .map(({ at, data }) => at - Date.parse(data.timestamp))
    .sort((x, y) => x - y);
  const quantile = (share) => times[Math.floor(share * (times.length - 1))];
  return `p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, faults included`;
}

export function reportOf(recording, history, found) {
  const lines = [`${((recording.to - recording.from) / 1000).toFixed(0)} s, seed ${recording.seed}`];
  for (const [what, count] of Object.entries(countsOf(recording, history))) lines.push(`  ${what}: ${count}`);
  lines.push(`  delivery: ${deliveryTimes(recording)}`);
  for (const { kind, node, from, to } of recording.faults) {
    lines.push(`  fault at ${((from - recording.from) / 1000).toFixed(0)} s: ${kind} ${node ?? ""} for ${((to - from) / 1000).toFixed(1)} s`);
  }
  for (const [invariant, violations] of Object.entries(found)) {
    lines.push(`${violations.length === 0 ? "ok  " : "FAIL"} ${invariant}`);
    lines.push(...violations.slice(0, violationsShown).map((violation) => `       ${violation}`));
    if (violations.length > violationsShown) lines.push(`       and ${violations.length - violationsShown} more`);
  }
  return lines.join("\n");
}
