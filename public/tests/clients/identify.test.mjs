// Open mode: events that a client sends before identify count as sent by the user that it then names. Version 4 of the official client
// sends what it has buffered before its connect handlers run.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, kinds } from "./client.mjs";
import { Server } from "./server.mjs";

const tried = kinds.filter(({ version }) => version !== "3.x");
const today = new Date().toISOString().slice(0, 10);

describe("events that come before identify", { concurrency: 3 }, () => {
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.remove());

  async function rest(teacherId, path) {
    const response = await fetch(`${server.url}/api/classes/${path}`, { headers: { "X-User": teacherId } });
    return { status: response.status, ...(await response.json()) };
  }

  async function records({ client, classId }) {
    const answer = await client.ask("fetchAttendance", { classId, date: today, sessionType: "lecture" });
    return answer.data;
  }

  /** A client that identifies as the teacher in its connect handler, as the existing frontend does. */
  function teacherOf(t, teacherId, kind, options) {
    const client = new Client(server, { ...kind, reconnectionDelay: 50, reconnectionDelayMax: 100, ...options });
    t.after(() => client.close());
    client.socket.on("connect", () => client.emit("identify", { userId: teacherId, role: "teacher" }));
    return client;
  }

  let classes = 0;

  test("joinClass before identify does not enrol the teacher", async (t) => {
    await Promise.all(
      tried.map(async (kind) => {
        const classId = `c${++classes}`;
        const teacherId = `t-${classId}`;
        const client = teacherOf(t, teacherId, kind);
        assert.equal((await client.ask("joinClass", { userId: teacherId, classId })).success, true);
        const other = await Client.connect(server);
        t.after(() => other.close());
        assert.equal((await client.ask("initiateAttendance", { classId, teacherId, sessionType: "lecture" })).success, true);
        await client.next("attendanceStarted", { classId });
        const roster = await rest(teacherId, `${classId}/roster`);
        assert.equal(roster.status, 200);
        assert.deepEqual(roster.students, []);
      }),
    );
  });

  // What the teacher sends while offline, and what it must cause. A new case is one line.
  const mark = (status) => ({ classId }) => ({ classId, studentId: `s-${classId}`, studentName: "S", status, sessionType: "lecture" });
  const session = ({ classId, teacherId }) => ({ classId, teacherId, sessionType: "lecture" });
  const byTeacher = (status) => async (it) => {
    const { records: [record] } = await records(it);
    assert.deepEqual([record.status, record.recordedBy], [status, it.teacherId]);
  };
  const active = (state) => async (it) => assert.equal((await records(it)).active, state);
  const nothing = () => {};
  for (const [event, data, check] of [
    ["attendanceMarked", mark("late"), byTeacher("late")],
    ["student:markAttendance", mark("late"), byTeacher("late")],
    ["attendanceMarked", mark("excused"), byTeacher("excused")],
    ["endAttendance", session, active("completed")],
    ["teacher:endAttendance", session, active("completed")],
    ["initiateAttendance", session, active("active")],
    ["teacher:startAttendance", session, active("active")],
    ["fetchAttendance", ({ classId }) => ({ classId, date: today, sessionType: "lecture" }), nothing],
    ["joinClass", ({ classId, teacherId }) => ({ userId: teacherId, classId }), nothing],
    ["leaveClass", ({ classId, teacherId }) => ({ userId: teacherId, classId }), nothing],
  ]) {
    test(`${event} sent while offline counts as the teacher's`, async (t) => {
      await Promise.all(
        tried.map(async (kind) => {
          const classId = `c${++classes}`;
          const teacherId = `t-${classId}`;
          const client = teacherOf(t, teacherId, kind);
          await client.connected();
          assert.equal((await client.ask("joinClass", { userId: teacherId, classId })).success, true);
          const student = `s-${classId}`;
          const pupil = await Client.connect(server);
          t.after(() => pupil.close());
          pupil.emit("identify", { userId: student, role: "student" });
          await pupil.ask("joinClass", { userId: student, classId });
          await client.ask("initiateAttendance", { classId, teacherId, sessionType: "lecture" });

          const it = { client, classId, teacherId };
          const gone = client.disconnected();
          client.socket.io.engine.close();
          await gone;
          const answer = await client.ask(event, data(it));
          assert.equal(answer.success, true, answer.message);
          await check(it);
          const { students } = await rest(teacherId, `${classId}/roster`);
          assert.deepEqual(students.map(({ id }) => id), [student]);
        }),
      );
    });
  }

  test("a client that never identifies is the student of the event", async (t) => {
    const client = await Client.connect(server);
    t.after(() => client.close());
    const classId = `c${++classes}`;
    const student = `s-${classId}`;
    assert.equal((await client.ask("joinClass", { userId: student, classId })).success, true);
    const refused = await client.ask("joinClass", { userId: "another", classId });
    assert.equal(refused.message, "userId must be your own");
  });
});
