// What a recording says, in terms of the history: connections, and what each was told of which row.

/** The rows of the history that clients may be told of, each with its kind: mark, started or ended. */
export function rowsToTell({ marks, sessions }) {
  return [
    ...marks.map((row) => ({ kind: "mark", ...row })),
    ...sessions.map((row) => ({ kind: "started", ...row, at: row.startedAt })),
    ...sessions.filter(({ endedAt }) => endedAt > 0).map((row) => ({ kind: "ended", ...row, at: row.endedAt })),
  ];
}

/** Whether a row is told to the whole class. That a student is absent from the start is only confirmed to that student. */
export const isBroadcast = ({ way }) => way !== "initiate";

const kinds = { attendanceUpdate: "mark", attendanceStarted: "started", attendanceEnded: "ended" };

/** The values by the key that keyFor gives for each. */
export function groupBy(values, keyFor) {
  const groups = new Map();
  for (const value of values) {
    const key = keyFor(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** The same text for a row and for an event that tells of it. */
export function keyOf({ kind, classId, sessionType, studentId = "", status = "", at }) {
  return JSON.stringify([kind, classId, sessionType, kind === "mark" ? studentId : "", kind === "mark" ? status : "", at]);
}

export const indexByKey = (rows) => new Map(rows.map((row) => [keyOf(row), row]));

/** Whether x is certainly before y. Marks of a class have an order; beside them only times are known. */
export const isBefore = (x, y) => (x.kind === "mark" && y.kind === "mark" ? x.id < y.id : x.at < y.at);

/**
 * The connections of a client: { client, name, node, entries, from, joinSentAt, joinedAt, to, broken, removal }. JoinedAt is undefined if
 * the client did not get into its class, to if the connection was open at the end. Broken: the client itself broke it, or did not want to
 * come back at once. Removal: its user was taken off the roster meanwhile { from: when that was asked for, done: when it was confirmed }.
 */
export function connectionsOf(client) {
  const connections = [];
  let current;
  for (const entry of client.entries) {
    if (entry.kind === "connect") {
      const name = `${client.userId} (${client.version}, ${client.transport}), connection ${connections.length + 1}`;
      current = { client, name, node: entry.node, from: entry.at, entries: [] };
      connections.push(current);
    }
    if (!current) continue;
    if (entry.kind === "disconnect") {
      current.to = entry.at;
      current = undefined;
      continue;
    }
    current.entries.push(entry);
    if (entry.kind === "break") current.broken = true;
    if (entry.kind === "remove") current.removal ??= { from: entry.at };
    if (entry.kind === "removed" && current.removal) current.removal.done = entry.at;
    if (entry.kind === "sent" && entry.event === "joinClass") current.joinSentAt ??= entry.at;
    if (entry.kind === "answer" && entry.event === "joinClass" && entry.answer.success) current.joinedAt ??= entry.at;
  }
  return connections;
}

export const allConnections = (recording) => recording.clients.flatMap(connectionsOf);

/**
 * What a connection was told: { at, row, data } of each event that tells of a change, in order. Row is undefined if the history has none
 * such. Snapshot: it says what is so already, to a client that enters, or to one that repeats its own mark.
 */
export function toldOf(connection, rows) {
  return connection.entries
    .filter(({ kind, event }) => kind === "event" && event in kinds)
    .map(({ at, event, data }) => {
      const told = { kind: kinds[event], ...data, at: Date.parse(data.timestamp) };
      const row = rows.get(keyOf(told));
      const own = told.kind === "mark" && told.studentId === connection.client.userId;
      const confirmed = own && (told.at <= connection.joinedAt || (row && !isBroadcast(row)));
      const entering = told.kind !== "mark" && at <= connection.joinedAt;
      const tellable = row && (isBroadcast(row) || own);
      return { at, row: tellable ? row : undefined, data: told, snapshot: Boolean(confirmed || entering) };
    });
}

/** How long after a fault its effects may last: connections that are made anew, a database that recovers. */
export const RECOVERY = 10_000;

/** Whether a fault that the clients of a node may notice was at work between two times. */
export const isDisturbed = ({ faults }, { node }, from, to) =>
  faults.some((fault) => fault.nodes.includes(node) && fault.from <= to && fault.to + RECOVERY >= from);

/** Until when a connection was surely in its class: it ended, the user was removed, or the recording ended. */
export const endOf = ({ removal, to }, recording) => removal?.from ?? to ?? recording.to;

/** Whether a client has gone for good. */
export const hasGone = ({ entries }) => entries.some(({ kind }) => kind === "gone");

/** The milliseconds from one time to another, without those in which the checker could not notice anything because it did not run. */
export function waitedFor({ stalls = [] }, from, to) {
  const missed = stalls.map((stall) => Math.min(stall.to, to) - Math.max(stall.from, from)).filter((overlap) => overlap > 0);
  return to - from - missed.reduce((sum, overlap) => sum + overlap, 0);
}
