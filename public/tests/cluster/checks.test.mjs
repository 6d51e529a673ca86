// Each invariant can fail: a recording in which all is well becomes one in which it does not hold.
import assert from "node:assert/strict";
import { test } from "node:test";
import { check, limits } from "./checks.mjs";

const classId = "c";
const iso = (at) => new Date(at).toISOString();

/** The history of one class: a session from 5,000 to 20,000 ms, and three marks of Asha and Ben. */
function goodHistory() {
  const mark = (id, by, status, at) => ({ id, classId, sessionType: "lecture", studentId: by, status, at, by, way: "socket" });
  return {
    marks: [mark(1, "asha", "present", 6_000), mark(2, "ben", "late", 7_000), mark(3, "asha", "late", 8_000)],
    sessions: [{ classId, sessionType: "lecture", startedAt: 5_000, endedAt: 20_000 }],
    records: [
      { classId, sessionType: "lecture", studentId: "asha", status: "late", at: 8_000 },
      { classId, sessionType: "lecture", studentId: "ben", status: "late", at: 7_000 },
    ],
  };
}

const update = (studentId, status, at) => ({
  at: at + 5, kind: "event", event: "attendanceUpdate", data: { classId, studentId, status, sessionType: "lecture", timestamp: iso(at) },
});
const started = { at: 5_005, kind: "event", event: "attendanceStarted", data: { classId, sessionType: "lecture", timestamp: iso(5_000) } };
const ended = { at: 20_005, kind: "event", event: "attendanceEnded", data: { classId, sessionType: "lecture", timestamp: iso(20_000) } };
const enter = (at, node = "a") => [
  { at, kind: "connect", node },
  { at: at + 1, kind: "sent", id: at, event: "joinClass", data: { classId } },
  { at: at + 2, kind: "answer", id: at, event: "joinClass", answer: { success: true } },
];
const marked = (id, studentId, status, at, answer = { success: true, timestamp: iso(at) }) => [
  { at: at - 5, kind: "sent", id, event: "attendanceMarked", data: { classId, studentId, status, sessionType: "lecture" } },
  { at: at + 4, kind: "answer", id, event: "attendanceMarked", answer },
];
const fetched = (records) => [
  { at: 40_000, kind: "sent", id: 900, event: "fetchAttendance", data: { classId, sessionType: "lecture" } },
  { at: 40_005, kind: "answer", id: 900, event: "fetchAttendance", answer: { success: true, sessionType: "lecture", data: { records } } },
];
const final = () => fetched([
  { studentId: "asha", status: "late", recordedAt: iso(8_000) },
  { studentId: "ben", status: "late", recordedAt: iso(7_000) },
]);
const updates = () => [update("asha", "present", 6_000), update("ben", "late", 7_000), update("asha", "late", 8_000)];
const byTime = (entries) => entries.sort((x, y) => x.at - y.at);

/** A copy in which no two clients share an entry. */
const copyOf = (recording) => JSON.parse(JSON.stringify(recording));

function goodRecording() {
  const client = (userId, entries) => ({ userId, role: "student", classId, version: "4.x", transport: "websocket", entries: byTime(entries) });
  return copyOf({
    nodes: ["a", "b", "c"], from: 0, quietAt: 39_000, to: 41_000, faults: [],
    clients: [
      client("asha", [...enter(1_000), started, ...updates(), ...marked(1, "asha", "present", 6_000), ...marked(2, "asha", "late", 8_000), ended, ...final()]),
      client("ben", [...enter(1_000, "b"), started, ...updates(), ...marked(1, "ben", "late", 7_000), ended, ...final()]),
    ],
  });
}

/** The first entry of a client that has these values. */
function find(client, values) {
  const index = client.entries.findIndex((entry) =>
    Object.entries(values).every(([name, value]) => (name in entry ? entry[name] : entry.data?.[name]) === value),
  );
  assert.notEqual(index, -1);
  return index;
}
const drop = (client, values) => client.entries.splice(find(client, values), 1);
const add = (client, ...entries) => (client.entries = byTime([...client.entries, ...entries]));
const ben = (recording) => recording.clients[1];
const ofAsha = { event: "attendanceUpdate", studentId: "asha", status: "present" };
const ofBen = { event: "attendanceUpdate", studentId: "ben" };
const restart = { kind: "restart", nodes: ["b"], from: 10_000, to: 15_000 };
const lose = (recording, at, back) => add(ben(recording), { at, kind: "disconnect", reason: "transport close" }, ...enter(back, "a"), { ...started, at: back + 1 });

const present = (at, event, userId = "asha") => ({ at, kind: "event", event, data: { userId } });

/** Asha is away from 10,000 ms until she is back. */
const away = (recording, back = 25_000) => {
  add(recording.clients[0], { at: 9_999, kind: "break" }, { at: 10_000, kind: "disconnect" }, ...enter(back, "a"));
  if (back > 20_000) drop(recording.clients[0], { event: "attendanceEnded" });
  else add(recording.clients[0], { ...started, at: back + 1 });
};

/** Ben is removed at 9,000 ms, is back at 30,000 ms, and misses what happens meanwhile. */
const removed = (recording, ...entries) => {
  const notice = { at: 9_002, kind: "event", event: "class:error", data: { message: "You are no longer in this class" } };
  add(ben(recording), { at: 9_000, kind: "remove" }, notice, { at: 9_003, kind: "removed" }, ...entries, { at: 28_000, kind: "break" }, { at: 28_001, kind: "disconnect" }, ...enter(30_000, "a"));
  drop(ben(recording), { event: "attendanceEnded" });
  add(recording.clients[0], present(9_010, "userLeft", "ben"), present(30_010, "userJoined", "ben"));
};
const notice = { event: "class:error" };
const inClass = (...users) => [{ classId, node: "a", users }];

const answerOfBen = (recording, answer) => (ben(recording).entries[find(ben(recording), { event: "attendanceMarked", kind: "answer" })].answer = answer);

/** The database breaks off while Ben's mark is committed, and nobody is told of the mark. */
function outcomeUnknown(recording) {
  answerOfBen(recording, { success: false, reason: "outcome_unknown" });
  for (const client of recording.clients) drop(client, ofBen);
  recording.faults.push({ kind: "database-pause", nodes: ["a", "b"], from: 6_900, to: 12_000 });
}

/** What is changed, and the checks that notice it; every other check passes. */
const faults = {
  "nothing": [() => {}, []],
  "an acknowledged mark is not stored": [(r, h) => h.marks.splice(2, 1), ["1", "4"]],
  "a mark is stored with another status than was acknowledged": [(r, h) => (h.marks[1].status = "present"), ["1", "2", "4", "8"]],
  "a refused mark is stored": [(r) => answerOfBen(r, { success: false, reason: "database_unavailable" }), ["1"]],
  "a mark is stored that nobody sent": [(r) => drop(ben(r), { event: "attendanceMarked", kind: "sent" }), ["1"]],
  "a mark is stored twice": [(r, h) => h.marks.push({ ...h.marks[2], id: 4, at: 8_500 }), ["1", "2", "8"]],
  "a mark without an answer is stored": [(r) => drop(ben(r), { event: "attendanceMarked", kind: "answer" }), []],
  "an acknowledgement confirms that a student is absent from the start": [(r, h) => (h.marks.unshift({ ...h.marks[1], id: 0, status: "absent", at: 5_000, by: "teacher", way: "initiate" }), add(ben(r), ...marked(2, "ben", "absent", 5_900, { success: true, timestamp: iso(5_000) }), { ...update("ben", "absent", 5_000), at: 5_902 })), []],
  "another client is told who is absent from the start": [(r, h) => (h.marks.unshift({ ...h.marks[1], id: 0, status: "absent", at: 5_000, by: "teacher", way: "initiate" }), add(r.clients[0], { ...update("ben", "absent", 5_000), at: 5_902 })), ["4"]],
  "the outcome of a mark is unknown, and it is stored": [(r) => answerOfBen(r, { success: false, reason: "outcome_unknown" }), []],
  "a mark whose outcome is unknown is told nobody, by one server": [(r) => (outcomeUnknown(r), (r.nodes = ["a"])), []],
  "a mark whose outcome is unknown is told nobody, in a cluster": [outcomeUnknown, ["2", "9"]],
  "an event in the middle is lost": [(r) => drop(ben(r), ofBen), ["2", "8", "9"]],
  "the last events are lost": [(r) => (drop(ben(r), { ...ofAsha, status: "late" }), drop(ben(r), { event: "attendanceEnded" })), ["5", "8", "9"]],
  "an event comes twice": [(r) => add(ben(r), { ...update("ben", "late", 7_000), at: 7_010 }), ["2", "3"]],
  "two events are swapped": [(r) => ([ben(r).entries[find(ben(r), ofAsha)].at, ben(r).entries[find(ben(r), ofBen)].at] = [7_005, 6_005], byTime(ben(r).entries)), ["2", "3"]],
  "an event says what is not stored": [(r) => add(ben(r), update("chen", "present", 8_100)), ["4", "9"]],
  "an event says what a killed database has lost, and the connection ends": [(r) => (lose(r, 9_000, 9_200), add(ben(r), update("chen", "present", 8_100)), r.faults.push({ kind: "database-kill", nodes: ["a", "b"], from: 8_200, to: 8_500 })), []],
  "an event says what a killed database has lost, and the connection stays": [(r) => (add(ben(r), update("chen", "present", 8_100)), r.faults.push({ kind: "database-kill", nodes: ["a", "b"], from: 8_200, to: 8_500 })), ["4", "9"]],
  "a user leaves a node that stops": [(r) => (away(r, 33_000), add(ben(r), present(24_000, "userLeft"), present(33_100, "userJoined")), r.faults.push({ ...restart, nodes: ["a"], from: 9_000, to: 15_000 })), []],
  "an event has another timestamp than the row": [(r) => (ben(r).entries[find(ben(r), ofBen)].data.timestamp = iso(7_001)), ["2", "4", "8"]],
  "a client does not receive the start": [(r) => drop(ben(r), { event: "attendanceStarted" }), ["8"]],
  "a client that enters does not receive the active session": [(r) => (lose(r, 10_000, 10_200), drop(ben(r), { event: "attendanceStarted", at: 10_201 })), ["5"]],
  "a client that enters receives a session that has ended": [(r) => (add(ben(r), { at: 29_000, kind: "disconnect" }, ...enter(30_000), { ...started, at: 30_001 })), ["5"]],
  "a mark comes after the end of its session": [(r, h) => (h.marks.push({ ...h.marks[2], id: 4, status: "present", at: 21_000 }), r.clients.forEach((c) => add(c, update("asha", "present", 21_000))), add(r.clients[0], ...marked(3, "asha", "present", 21_000)), (h.records[0].status = "present"), r.clients.forEach((c) => (c.entries.at(-1).answer.data.records[0].status = "present"))), ["5"]],
  "a session ends twice": [(r) => add(ben(r), { ...ended, at: 20_010 }), ["2", "3", "6"]],
  "the database has a session twice": [(r, h) => h.sessions.push({ ...h.sessions[0], startedAt: 5_001 }), ["2", "6", "8"]],
  "an event is late": [(r) => (ben(r).entries[find(ben(r), { event: "attendanceEnded" })].at += limits.delivery), ["8"]],
  "an event is late because the node was held": [(r) => ((ben(r).entries[find(ben(r), { event: "attendanceEnded" })].at += limits.delivery), r.faults.push({ kind: "pause", nodes: ["b"], from: 19_000, to: 23_000 })), []],
  "an event is late although another node was held": [(r) => ((ben(r).entries[find(ben(r), { event: "attendanceEnded" })].at += limits.delivery), r.faults.push({ kind: "pause", nodes: ["a"], from: 19_000, to: 23_000 })), ["8"]],
  "an update overtakes the answer to a fetch": [(r) => (lose(r, 7_500, 7_700), drop(ben(r), { event: "attendanceStarted", at: 5_005 }), add(ben(r), { ...fetched([{ studentId: "asha", status: "present", recordedAt: iso(6_000) }, { studentId: "ben", status: "late", recordedAt: iso(7_000) }])[1], id: 7, at: 8_010 }), add(ben(r), { at: 7_703, kind: "sent", id: 7, event: "fetchAttendance" })), []],
  "an event is late because the node of its author was held": [(r) => ((ben(r).entries[find(ben(r), { ...ofAsha, status: "late" })].at += limits.delivery), byTime(ben(r).entries), r.faults.push({ kind: "pause", nodes: ["a"], from: 7_900, to: 10_900 })), []],
  "an event is late while the checker did not run": [(r) => ((ben(r).entries[find(ben(r), { event: "attendanceEnded" })].at += limits.delivery), (r.stalls = [{ from: 20_100, to: 20_200 }])), []],
  "an event is late although the checker did not run for a moment": [(r) => ((ben(r).entries[find(ben(r), { event: "attendanceEnded" })].at += limits.delivery + 200), (r.stalls = [{ from: 20_100, to: 20_200 }])), ["8"]],
  "a user joins, leaves and joins": [(r) => (away(r, 10_500), add(ben(r), present(9_000, "userJoined"), present(10_010, "userLeft"), present(10_510, "userJoined"))), []],
  "a user joins twice in a row": [(r) => add(ben(r), present(9_000, "userJoined"), present(10_000, "userJoined")), ["7"]],
  "a user leaves twice in a row": [(r) => (away(r, 10_500), add(ben(r), present(10_001, "userLeft"), present(10_002, "userLeft"), present(10_510, "userJoined"))), ["7"]],
  "a user who is there has left": [(r) => (add(ben(r), present(39_500, "userLeft")), (r.to = 60_000)), ["7"]],
  "a user is told to have left who does not": [(r) => add(ben(r), present(25_000, "userLeft"), present(25_100, "userJoined")), ["7"]],
  "a user is away, and has left": [(r) => (away(r), add(ben(r), present(12_000, "userLeft"), present(25_100, "userJoined"))), []],
  "a user is away, and nobody is told": [(r) => away(r), ["7"]],
  "a user is away, and has left too late": [(r) => (away(r), add(ben(r), present(20_100, "userLeft"), present(25_100, "userJoined"))), ["7"]],
  "a user is away, and the watcher's node was held": [(r) => (away(r), r.faults.push({ kind: "pause", nodes: ["b"], from: 9_000, to: 9_500 })), []],
  "a user has gone for good": [(r) => (add(r.clients[0], { at: 39_001, kind: "gone" }, { at: 39_002, kind: "disconnect" }), add(ben(r), present(39_010, "userLeft")), (r.present = inClass("ben"))), []],
  "a user has gone for good, and is still there for another": [(r) => (add(r.clients[0], { at: 39_001, kind: "gone" }, { at: 39_002, kind: "disconnect" }), add(ben(r), present(9_000, "userJoined"))), ["7"]],
  "a node says who is there": [(r) => (r.present = inClass("ben", "asha")), []],
  "a node says that somebody is not there who is": [(r) => (r.present = inClass("ben")), ["7"]],
  "a student is removed, and comes back": [(r) => removed(r), []],
  "a removed student is not told": [(r) => (removed(r), drop(ben(r), notice)), ["10"]],
  "a removed student is not told because the node was held": [(r) => (removed(r), drop(ben(r), notice), r.faults.push({ kind: "pause", nodes: ["b"], from: 9_000, to: 9_500 })), []],
  "a removed student is told what happens later": [(r) => removed(r, ended), ["10"]],
  "a removed student is told who comes": [(r) => removed(r, present(9_500, "userJoined")), ["10"]],
  "a removed student is told what happens later, and not of the removal": [(r) => (removed(r, ended), drop(ben(r), notice)), ["10"]],
  "fetchAttendance says something else": [(r) => (ben(r).entries.at(-1).answer.data.records[1].status = "present"), ["9"]],
  "fetchAttendance leaves out a student": [(r) => ben(r).entries.at(-1).answer.data.records.pop(), ["9"]],
  "a client does not return": [(r) => add(ben(r), { at: 40_900, kind: "disconnect" }), ["9"]],
  "a client reconnects once for a restart": [(r) => (r.faults.push(restart), lose(r, 10_000, 11_000)), []],
  "a client reconnects for a restart, and is told to have left": [(r) => (r.faults.push(restart), lose(r, 10_000, 11_000), add(r.clients[0], present(10_500, "userLeft", "ben"), present(11_010, "userJoined", "ben"))), ["11"]],
  "a client is away for long after a restart because the checker did not run": [(r) => (r.faults.push(restart), lose(r, 10_000, 16_000), (r.stalls = [{ from: 10_500, to: 12_000 }])), []],
  "a client reconnects twice for a restart": [(r) => (r.faults.push(restart), lose(r, 10_000, 11_000), lose(r, 12_000, 12_500)), ["11"]],
  "a client does not get into the class at its first reconnect after a restart": [(r) => (r.faults.push(restart), lose(r, 10_000, 11_000), add(ben(r), { at: 10_300, kind: "connect", node: "a" }, { at: 10_400, kind: "break" }, { at: 10_401, kind: "disconnect" })), []],
  "a client is away for long after a restart": [(r) => (r.faults.push(restart), lose(r, 10_000, 16_000)), ["11"]],
  "a client is away for long after the only server has restarted": [(r) => (r.faults.push(restart), lose(r, 10_000, 16_000), (r.nodes = ["b"])), []],
  "a client of another node is lost in a restart": [(r) => (r.faults.push({ ...restart, nodes: ["a"] }), lose(r, 10_000, 11_000)), ["11"]],
};

const numberOf = (name) => name.split(" ")[0];

for (const [what, [change, expected]] of Object.entries(faults)) {
  test(`${what}: ${expected.length ? `noticed by ${expected.join(", ")}` : "no check complains"}`, () => {
    const [recording, history] = [goodRecording(), goodHistory()];
    change(recording, history);
    const found = Object.entries(check(recording, history, limits)).filter(([, violations]) => violations.length > 0);
    assert.deepEqual(found.map(([name]) => numberOf(name)), expected, JSON.stringify(found, undefined, 1));
  });
}

test("a fault is found for every check", () => {
  const noticed = new Set(Object.values(faults).flatMap(([, expected]) => expected));
  const numbers = Object.keys(check(goodRecording(), goodHistory(), limits)).map(numberOf);
  assert.deepEqual(numbers.filter((number) => !noticed.has(number)), []);
});
