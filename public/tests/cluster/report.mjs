// What a run says at its end.
import { departuresWatched } from "./presence.mjs";
import { removalsIn } from "./removals.mjs";
import { allConnections, isDisturbed } from "./deliveries.mjs";

const violationsShown = 10;

/** How much happened. A run in which one of these is 0 has shown nothing. */
export function countsOf(recording, history, limits) {
  const entries = recording.clients.flatMap((client) => client.entries);
  const answers = entries.filter(({ kind, event }) => kind === "answer" && event === "attendanceMarked");
  return {
    clients: recording.clients.length,
    connections: allConnections(recording).length,
    sessions: history.sessions.length,
    "marks stored": history.marks.filter(({ way }) => way === "socket").length,
    "marks refused": answers.filter(({ answer }) => !answer.success).length,
    "events received": entries.filter(({ kind }) => kind === "event").length,
    "marks delivered without a fault": undisturbedDeliveries(recording).length,
    "absences that others watched": departuresWatched(recording, limits),
    "students removed": removalsIn(recording).length,
    ...lossesOf(recording),
  };
}

/** How many notifications were lost, if some should be. */
function lossesOf({ faults }) {
  const losses = faults.filter(({ lost }) => lost !== undefined);
  return losses.length > 0 ? { "notifications lost": losses.reduce((sum, { lost }) => sum + lost, 0) } : {};
}

/** From the timestamp of a mark to its arrival at the clients that no fault disturbs, in milliseconds. */
function undisturbedDeliveries(recording) {
  return allConnections(recording).flatMap((connection) =>
    connection.entries
      .filter(({ event, kind }) => kind === "event" && event === "attendanceUpdate")
      .map(({ at, data }) => ({ at, sent: Date.parse(data.timestamp) }))
      .filter(({ at, sent }) => sent > connection.joinedAt && !isDisturbed(recording, connection, sent, at))
      .map(({ at, sent }) => at - sent),
  );
}

function timesOf(deliveries) {
  const sorted = deliveries.toSorted((x, y) => x - y);
  const quantile = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  return `p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms`;
}

/** Of the times in which the checker did not run, the sum and the longest. */
function stallsOf({ stalls }) {
  const lengths = stalls.map(({ from, to }) => to - from);
  const seconds = lengths.reduce((sum, length) => sum + length, 0) / 1000;
  return `${stalls.length} times, ${seconds.toFixed(1)} s, the longest ${Math.max(0, ...lengths)} ms`;
}

export function reportOf(recording, history, limits, found) {
  const lines = [`${((recording.to - recording.from) / 1000).toFixed(0)} s, seed ${recording.seed}`];
  for (const [what, count] of Object.entries(countsOf(recording, history, limits))) lines.push(`  ${what}: ${count}`);
  lines.push(`  delivery without a fault: ${timesOf(undisturbedDeliveries(recording))}`);
  lines.push(`  the checker itself did not run: ${stallsOf(recording)}`);
  for (const { kind, nodes, from, to } of recording.faults) {
    const which = nodes.length === 1 ? ` of ${nodes}` : "";
    lines.push(`  fault at ${((from - recording.from) / 1000).toFixed(0)} s: ${kind}${which} for ${((to - from) / 1000).toFixed(1)} s`);
  }
  for (const [invariant, violations] of Object.entries(found)) {
    lines.push(`${violations.length === 0 ? "ok  " : "FAIL"} ${invariant}`);
    lines.push(...violations.slice(0, violationsShown).map((violation) => `       ${violation}`));
    if (violations.length > violationsShown) lines.push(`       and ${violations.length - violationsShown} more`);
  }
  return lines.join("\n");
}
