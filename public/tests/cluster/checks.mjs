// The invariants of several nodes that act as one. The checks take a recording of what all clients saw and the history from the
// database, and return one sentence for each violation.
import { attribute } from "./attempts.mjs";
import { presence, staysOf } from "./presence.mjs";
import { removals } from "./removals.mjs";
import {
  allConnections, connectionsOf, endOf, groupBy, hasGone, indexByKey, isBefore, isBroadcast, isDisturbed, keyOf, RECOVERY, rowsToTell, toldOf, waitedFor,
} from "./deliveries.mjs";

/**
 * What the checks look at: the recording, the history, its rows by key, those that are told by class,
 * the marks by what their senders know of them, and the views: what each connection was told.
 */
function evidenceOf(recording, history) {
  const rows = rowsToTell(history);
  const keys = indexByKey(rows);
  const views = allConnections(recording)
    .filter(({ joinedAt }) => joinedAt)
    .map((connection) => ({ connection, told: toldOf(connection, keys) }));
  const marks = attribute(recording, history);
  const told = rows.filter((row) => isBroadcast(row) && !marks.untold.has(keyOf(row)));
  return { recording, history, views, marks, keys, rowsOf: groupBy(told, ({ classId }) => classId) };
}

/** The violations of each invariant, by its name. */
export function check(recording, history, limits) {
  const evidence = evidenceOf(recording, history);
  return Object.fromEntries(Object.entries(invariants).map(([name, violations]) => [name, violations(evidence, limits)]));
}

/** Every mark that was acknowledged is stored, and every mark that is stored was sent and not refused. */
function durable({ marks, keys }) {
  return [
    ...marks.acknowledged.filter(({ key }) => !keys.has(key)).map(({ userId, key }) => `${userId} got an acknowledgement of ${key}, which is not stored`),
    ...marks.unsent.map((key) => `${key} is stored, and nobody sent it or it was refused`),
  ];
}

/** Between two connects a client sees a contiguous run of the history, in its order, each row once. */
function order({ views, rowsOf }) {
  const violations = [];
  for (const { connection, told } of views) {
    const live = told.filter(({ row, snapshot }) => row && !snapshot).map(({ row }) => row);
    const seen = new Set();
    for (const { row } of told.filter(({ row }) => row)) {
      if (seen.has(row)) violations.push(`${connection.name} was told twice of ${keyOf(row)}`);
      seen.add(row);
    }
    for (const [i, row] of live.entries()) {
      if (i > 0 && isBefore(row, live[i - 1])) violations.push(`${connection.name} was told of ${keyOf(row)} after ${keyOf(live[i - 1])}`);
    }
    if (live.length === 0) continue;
    const [first, last] = [live[0], live.at(-1)];
    for (const row of rowsOf.get(connection.client.classId) ?? []) {
      if (isBefore(first, row) && isBefore(row, last) && !seen.has(row)) violations.push(`${connection.name} was not told of ${keyOf(row)}`);
    }
  }
  return violations;
}

/** No two clients disagree on an order: "was told directly before" has no cycle. This looks at nothing but the clients. */
function agreement({ views }) {
  const after = new Map();
  const before = new Map();
  for (const { told } of views) {
    const keys = told.filter(({ snapshot }) => !snapshot).map(({ data }) => keyOf(data));
    for (const key of keys.filter((key) => !after.has(key))) {
      after.set(key, new Set());
      before.set(key, 0);
    }
    for (let i = 1; i < keys.length; i++) {
      const next = after.get(keys[i - 1]);
      if (next.has(keys[i])) continue;
      next.add(keys[i]);
      before.set(keys[i], before.get(keys[i]) + 1);
    }
  }
  const free = [...before].filter(([, count]) => count === 0).map(([key]) => key);
  for (const key of free) {
    before.delete(key);
    for (const next of after.get(key)) {
      const count = before.get(next) - 1;
      before.set(next, count);
      if (count === 0) free.push(next);
    }
  }
  if (before.size === 0) return [];
  return [`clients disagree on the order of some of these: ${[...before.keys()].slice(0, 5).join(", ")}`];
}

/** Nothing is told that is not stored. What a database has lost that was killed is taken back: the connections that were told of it end. */
function stored({ recording, views }) {
  return views.flatMap(({ connection, told }) =>
    told.filter(({ row, data }) => !row && !isTakenBack(recording, connection, data)).map(({ data }) => `${connection.name} was told of ${keyOf(data)}, which is not stored`),
  );
}

/** How long before a database is killed it may have begun to write what others have read and what is lost nevertheless. */
const UNWRITTEN = 1_000;

/**
 * Whether a database may have lost what a connection was told of, and the connection has ended soon after the database was back. InnoDB shows
 * others a change just before it writes it to the disk. Invariant 1 says that nobody got an acknowledgement of it.
 */
function isTakenBack({ faults }, connection, data) {
  return faults.some(({ kind, from, to }) => kind === "database-kill" && data.at > from - UNWRITTEN && data.at < to && connection.to < to + RECOVERY);
}

/** After a join the client's active sessions are the database's, at the end of the connection too; no mark comes after its session's end. */
function sessions({ recording, history, views }, { delivery }) {
  const violations = [];
  for (const { connection, told } of views) {
    const { name, joinSentAt, joinedAt, client } = connection;
    const end = endOf(connection, recording);
    const [atJoin, atEnd] = [new Set(), new Set()];
    const ended = new Set();
    for (const { at, data, snapshot } of told) {
      const { kind, sessionType } = data;
      if (kind === "mark" && ended.has(sessionType) && !snapshot) violations.push(`${name} was told of ${keyOf(data)} after the end of the session`);
      for (const active of at > end ? [] : at <= joinedAt ? [atJoin, atEnd] : [atEnd]) {
        if (kind === "started") active.add(sessionType);
        if (kind === "ended") active.delete(sessionType);
      }
      if (kind === "ended") ended.add(sessionType);
    }
    for (const { classId, sessionType, startedAt, endedAt } of history.sessions) {
      if (classId !== client.classId) continue;
      const activeFrom = (from, to) => startedAt < from - delivery && (endedAt === 0 || endedAt > to);
      const overBefore = (time) => endedAt > 0 && endedAt < time - delivery;
      if (!isDisturbed(recording, connection, joinSentAt - delivery, joinedAt)) {
        if (activeFrom(joinSentAt, joinedAt) && !atJoin.has(sessionType)) violations.push(`${name} was not told at the join that ${sessionType} is active`);
        if (overBefore(joinSentAt) && atJoin.has(sessionType)) violations.push(`${name} was told at the join that ${sessionType} is active, which had ended`);
      }
      if (end > joinedAt + delivery && !isDisturbed(recording, connection, end - delivery, end)) {
        if (activeFrom(end, end) && !atEnd.has(sessionType)) violations.push(`${name} does not know at its end that ${sessionType} is active`);
        if (overBefore(end) && atEnd.has(sessionType)) violations.push(`${name} takes ${sessionType} for active at its end, which had ended`);
      }
    }
  }
  return violations;
}

/** Each session ends once: in the database, and for each connection. */
function ends({ history, views }) {
  const violations = [];
  for (const [key, rows] of groupBy(history.sessions, ({ classId, sessionType }) => JSON.stringify([classId, sessionType]))) {
    if (rows.length > 1) violations.push(`the database has ${rows.length} sessions ${key}`);
    if (rows.some(({ startedAt, endedAt }) => endedAt > 0 && endedAt < startedAt)) violations.push(`${key} ended before it started`);
  }
  for (const { connection, told } of views) {
    for (const kind of ["started", "ended"]) {
      const types = told.filter(({ data }) => data.kind === kind).map(({ data }) => data.sessionType);
      for (const type of new Set(types.filter((type, i) => types.indexOf(type) < i))) violations.push(`${connection.name} was told more than once that ${type} ${kind}`);
    }
  }
  return violations;
}

/**
 * Every change is delivered within the limit to everybody who is in the class, while the node works and has its database. Time in which
 * the checker did not run does not count.
 */
function delivery({ recording, views, rowsOf }, { delivery: limit }) {
  const violations = [];
  const isLateAnyway = committedLate(recording, limit);
  for (const { connection, told } of views) {
    const seen = new Set(told.map(({ row }) => row));
    const end = endOf(connection, recording);
    for (const { at, row, snapshot } of told) {
      if (!row || snapshot || at - row.at <= limit || isDisturbed(recording, connection, row.at, at) || isLateAnyway(row)) continue;
      const waited = waitedFor(recording, row.at, at);
      if (waited > limit) violations.push(`${connection.name} was told of ${keyOf(row)} after ${waited} ms`);
    }
    for (const row of rowsOf.get(connection.client.classId) ?? []) {
      if (seen.has(row) || row.at <= connection.joinedAt || row.at >= end - limit) continue;
      if (isDisturbed(recording, connection, row.at, row.at + limit) || isLateAnyway(row)) continue;
      if (waitedFor(recording, row.at, end) > limit) violations.push(`${connection.name} was never told of ${keyOf(row)}`);
    }
  }
  return violations;
}

/**
 * Tells of a row whether a fault of the node that wrote it may have kept the commit back. A row's time is that of its writing, before the
 * commit.
 */
function committedLate(recording, limit) {
  const connections = groupBy(allConnections(recording), ({ client }) => client.userId);
  const teachers = new Map(recording.clients.filter(({ role }) => role === "teacher").map(({ classId, userId }) => [classId, userId]));
  return (row) => {
    const author = row.kind === "mark" ? row.by : teachers.get(row.classId);
    const from = connections.get(author)?.find(({ from, to }) => from <= row.at && (to === undefined || to >= row.at));
    return from !== undefined && isDisturbed(recording, from, row.at, row.at + limit);
  };
}

/** At the end, what each client believes is what fetchAttendance says, and that is what the database holds. */
function belief({ recording, history, marks }) {
  const violations = [];
  const records = new Map(history.records.map((r) => [JSON.stringify([r.classId, r.sessionType, r.studentId]), r]));
  for (const client of recording.clients.filter((client) => !hasGone(client))) {
    const last = connectionsOf(client).at(-1);
    if (!last?.joinedAt || last.to || last.removal) {
      violations.push(`${client.userId} is not in the class at the end`);
      continue;
    }
    for (const [sessionType, { believed, final }] of believedIn(last, recording.quietAt)) {
      for (const { studentId, status, recordedAt } of final) {
        if (marks.untold.has(keyOf({ kind: "mark", classId: client.classId, sessionType, studentId, status, at: Date.parse(recordedAt) }))) continue;
        const known = believed.get(studentId)?.status;
        const where = `${sessionType}, ${studentId}`;
        if (known !== status && !(known === undefined && status === "absent")) violations.push(`${last.name} believes ${known} of ${where}, and fetchAttendance says ${status}`);
        const record = records.get(JSON.stringify([client.classId, sessionType, studentId]));
        if (record?.status !== status) violations.push(`${last.name} fetched ${status} of ${where}, and the database holds ${record?.status}`);
      }
      for (const studentId of believed.keys()) {
        if (!final.some((record) => record.studentId === studentId)) violations.push(`${last.name} fetched nothing of ${sessionType}, ${studentId}`);
      }
    }
  }
  return violations;
}

/**
 * Of each session that the client knows from its start or from a fetch, and has fetched after quietAt: what it believed and fetched. An
 * answer may be older than an update that came before it, so the newest mark of a student counts.
 */
function believedIn(connection, quietAt) {
  const known = new Set();
  const beliefs = new Map(); // by session type: the newest mark of each student
  const fetched = new Map();
  const believe = (sessionType, studentId, status, timestamp) => {
    if (!beliefs.has(sessionType)) beliefs.set(sessionType, new Map());
    const believed = beliefs.get(sessionType);
    const at = Date.parse(timestamp);
    if (!(believed.get(studentId)?.at > at)) believed.set(studentId, { status, at });
  };
  for (const { at, kind, event, data, answer } of connection.entries) {
    if (kind === "event" && event === "attendanceStarted" && at > connection.joinedAt) known.add(data.sessionType);
    if (kind === "event" && event === "attendanceUpdate") believe(data.sessionType, data.studentId, data.status, data.timestamp);
    if (kind === "answer" && event === "fetchAttendance" && answer.success) {
      const { sessionType } = answer;
      if (at >= quietAt && known.has(sessionType)) fetched.set(sessionType, { believed: new Map(beliefs.get(sessionType)), final: answer.data.records });
      known.add(sessionType);
      for (const { studentId, status, recordedAt } of answer.data.records) believe(sessionType, studentId, status, recordedAt);
    }
  }
  return fetched;
}

/**
 * A restart of a node costs each of its clients one reconnect at the most, and the others none. Nobody is told that they have left. Only
 * where other nodes take them.
 */
function restarts({ recording }, limits) {
  const { reconnect } = limits;
  const violations = [];
  if (recording.nodes.length === 1) return violations;
  for (const fault of recording.faults.filter(({ kind }) => kind === "restart")) {
    for (const client of recording.clients) {
      const connections = connectionsOf(client);
      const lost = lostIn(fault, connections, recording);
      if (lost.length > 1) violations.push(`${client.userId} lost ${lost.length} connections while ${fault.nodes} restarted`);
      for (const connection of lost) {
        if (!fault.nodes.includes(connection.node)) violations.push(`${connection.name} was lost while ${fault.nodes} restarted`);
        const next = connections.find(({ joinedAt }) => joinedAt >= connection.to);
        const pause = waitedFor(recording, connection.to, next?.joinedAt ?? recording.to);
        if (pause > reconnect) violations.push(`${connection.name} was out of the class for ${pause} ms while ${fault.nodes} restarted`);
        else violations.push(...seenLeaving(connection, next, recording, limits));
      }
    }
  }
  return violations;
}

/** The connections that a restart broke: not the client itself, which was not removed either, and no other fault. */
function lostIn(restart, connections, { faults }) {
  const others = { faults: faults.filter(({ kind }) => kind !== "restart") };
  return connections.filter(
    (connection) =>
      connection.to >= restart.from && connection.to <= restart.to && !connection.broken && !connection.removal && !isDisturbed(others, connection, connection.to, connection.to),
  );
}

/** Who was told that a user had left between two connections. */
function seenLeaving({ client, joinedAt, to }, next, recording, { delivery }) {
  if (!(joinedAt < to - delivery)) return []; // it may be an earlier departure
  const others = recording.clients.filter(({ classId, userId }) => classId === client.classId && userId !== client.userId);
  return others
    .flatMap((other) => staysOf(other, recording))
    .filter(({ entries }) => entries.some(({ at, event, data }) => event === "userLeft" && data.userId === client.userId && at >= to && at <= next.joinedAt))
    .map(({ name }) => `${name} was told that ${client.userId} has left, whose node restarted`);
}

/** The checks by the number and the name of their invariant. */
export const invariants = {
  "1 durable": durable,
  "2 order": order,
  "3 agreement": agreement,
  "4 nothing told that is not stored": stored,
  "5 sessions": sessions,
  "6 each session ends once": ends,
  "7 presence": presence,
  "8 delivery": delivery,
  "9 belief": belief,
  "10 removals": removals,
  "11 restarts": restarts,
};

/**
 * The limits, in milliseconds: of a delivery, of a reconnect after a restart, of the answer to a heartbeat, until who is gone has left, and of
 * the rest after which everybody knows who is there.
 */
export const limits = { delivery: 3_000, reconnect: 5_000, pong: 4_000, left: 10_000, rest: 12_000 };

/** The limits on a machine that needs so many times as long. */
export const limitsFor = (patience) => Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, limit * patience]));
