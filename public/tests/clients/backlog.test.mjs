// A client that sends more than EVENT_RATE at once: its events wait, and each that asks for an acknowledgement gets one.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, kinds } from "./client.mjs";
import { DEADLINE, within } from "./process.mjs";
import { Server } from "./server.mjs";

const teacher = "asha";

/** A teacher who has opened a lecture in a class with so many students. */
async function startedSession(t, server, { students, ...kind }) {
  const classId = `${students} ${kind.version} ${kind.transport} ${t.name}`.slice(0, 64);
  const client = await Client.connect(server, kind);
  t.after(() => client.close());
  client.emit("identify", { userId: `${teacher} ${classId}`.slice(0, 64), role: "teacher" });
  const teacherId = `${teacher} ${classId}`.slice(0, 64);
  assert.equal((await client.ask("joinClass", { userId: teacherId, classId })).success, true);
  const ids = Array.from({ length: students }, (_, i) => `s${i}`);
  const roster = await fetch(`${server.url}/api/classes/${encodeURIComponent(classId)}/roster`, {
    method: "PUT",
    headers: { "Content-Type": "application/json", "X-User": encodeURIComponent(teacherId) },
    body: JSON.stringify({ students: ids.map((id) => ({ id })) }),
  });
  assert.equal(roster.status, 200, await roster.text());
  assert.equal((await client.ask("initiateAttendance", { classId, teacherId, sessionType: "lecture" })).success, true);
  const markOf = (studentId) => ({ classId, studentId, studentName: studentId, status: "present", sessionType: "lecture" });
  return { client, ids, markOf, classId, teacherId };
}

/** Emits all events at once and resolves with their acknowledgements, in the order in which they came. */
function burst(client, events) {
  const answers = [];
  let lost = "";
  client.socket.on("disconnect", (reason) => (lost = reason));
  return within(
    4 * DEADLINE,
    () => `${client.transport}: all are answered; ${answers.length} of ${events.length} are; ${lost}`,
    new Promise((resolve) => {
      for (const [name, data] of events) {
        client.socket.emit(name, data, (answer) => {
          answers.push(answer);
          if (answers.length === events.length) resolve(answers);
        });
      }
    }),
  );
}

async function recorded({ client, classId }) {
  const today = new Date().toISOString().slice(0, 10);
  const { data } = await client.ask("fetchAttendance", { classId, date: today, sessionType: "lecture" });
  return data.records.filter(({ status }) => status === "present").length;
}

const each = (kinds, run) => Promise.all(kinds.map(run));
const tried = kinds.filter(({ version, transport }) => version !== "3.x" && transport !== "upgrade");

describe("marks of a whole roster in one loop", { concurrency: 1 }, () => {
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.remove());

  for (const [how, students, names] of [
    ["one name each", 600, ["attendanceMarked"]],
    ["two names each", 250, ["attendanceMarked", "student:markAttendance"]],
  ]) {
    test(`all are recorded and acknowledged: ${how}`, async (t) => {
      await each(tried, async (kind) => {
        const it = await startedSession(t, server, { students, ...kind });
        const events = it.ids.flatMap((id) => names.map((name) => [name, it.markOf(id)]));
        let answers = await burst(it.client, events);
        // A busy disk may take too long for some. A client marks again then, which changes nothing for the others.
        while (answers.some(({ reason }) => reason === "too_slow")) answers = await burst(it.client, events);
        assert.deepEqual(answers.filter(({ success }) => !success), []);
        assert.deepEqual(answers.map(({ studentId }) => studentId), it.ids.flatMap((id) => names.map(() => id)), "in order");
        assert.equal(await recorded(it), students);
      });
    });
  }
});

test("events over the backlog are refused, each with an answer", async (t) => {
  const server = await Server.start({ EVENT_RATE: "10", EVENT_BURST: "10", MAX_PAYLOAD: "10000000" });
  t.after(() => server.remove());
  await each(tried, async (kind) => {
    const it = await startedSession(t, server, { students: 1, ...kind });
    const large = { ...it.markOf("s0"), padding: "x".repeat(40_000) };
    const answers = await burst(it.client, Array.from({ length: 200 }, () => ["attendanceMarked", large]));
    const refused = answers.filter(({ success }) => !success);
    assert.ok(refused.length > 0 && refused.length < 150, `${refused.length} are refused`);
    for (const { reason, message } of refused) {
      assert.equal(reason, "rate_limited");
      assert.match(message, /Too many events/);
    }
    await it.client.next("attendance:error");
    assert.equal(await recorded(it), 1);
  });
});

test("a backlog longer than the heartbeat keeps the connection", async (t) => {
  const server = await Server.start({ PING_INTERVAL: "1s", PING_TIMEOUT: "1s", EVENT_RATE: "25", EVENT_BURST: "25" });
  t.after(() => server.remove());
  await each(tried, async (kind) => {
    const it = await startedSession(t, server, { students: 1, ...kind });
    const lost = [];
    it.client.socket.on("disconnect", (reason) => lost.push(reason));
    const answers = await burst(it.client, Array.from({ length: 200 }, () => ["attendanceMarked", it.markOf("s0")]));
    assert.deepEqual(answers.filter(({ success }) => !success), []);
    assert.deepEqual(lost, []);
  });
});

test("an unknown event with a callback is answered", async (t) => {
  const server = await Server.start();
  t.after(() => server.remove());
  await each(tried, async (kind) => {
    const client = await Client.connect(server, kind);
    t.after(() => client.close());
    const answer = await client.ask("markEverybody", {});
    assert.deepEqual(answer, { success: false, message: "There is no such event", reason: "unknown_event" });
  });
});
