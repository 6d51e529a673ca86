// The frontend in use sends each event under two names, one after the other, and shows every message: one action must get one
// message, whether its sender is in the class or not, and again after coming back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, settled, versionKinds } from "./client.mjs";
import { Server } from "./server.mjs";

describe("an action under two names", { concurrency: 3 }, () => {
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.remove());

  /** Sends an event under both of its names, as the frontend does, and returns the names of the events that come back. */
  async function press(client, names, data) {
    await settled(client);
    client.unread = [];
    for (const name of names) client.emit(name, data);
    await settled(client);
    return client.unread.map(({ event }) => event);
  }

  const start = ["initiateAttendance", "teacher:startAttendance"];
  const end = ["endAttendance", "teacher:endAttendance"];
  const mark = ["attendanceMarked", "student:markAttendance"];
  const join = ["joinClass", "student:joinClass"];
  const leave = ["leaveClass", "student:leaveClass"];

  for (const kind of versionKinds) {
    for (const inClass of [true, false]) {
      test(`${kind.version} over ${kind.transport}, sender ${inClass ? "in" : "out of"} the class`, async (t) => {
        const classId = `one message ${kind.version} ${inClass}`;
        const [teacherId, studentId] = [`teacher of ${classId}`, `student of ${classId}`];
        const session = { classId, teacherId, sessionType: "lecture" };
        const enter = async (client, userId, role) => {
          assert.equal((await client.ask("identify", { userId, role })).success, true);
          if (inClass) assert.equal((await client.ask("joinClass", { userId, classId })).success, true);
        };
        const connect = async (userId, role) => {
          const client = await Client.connect(server, kind);
          t.after(() => client.close());
          await enter(client, userId, role);
          return client;
        };
        const rest = (path, body, user, role) =>
          fetch(`${server.url}/api/classes/${encodeURIComponent(classId)}/${path}`, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-User": encodeURIComponent(user), "X-Role": role },
            body: JSON.stringify(body),
          }).then((answer) => assert.equal(answer.status, 200));
        // What the class is sent comes to the sender only in the class.
        const only = (event) => (inClass ? [event] : []);
        const present = { classId, studentId, studentName: "S", status: "present", sessionType: "lecture" };

        // The class exists, with both of them in it, before anything is counted.
        const other = await Client.connect(server);
        t.after(() => other.close());
        await other.ask("identify", { userId: teacherId, role: "teacher" });
        await other.ask("joinClass", { userId: teacherId, classId });
        const teacher = await connect(teacherId, "teacher");
        let student = await connect(studentId, "student");

        await settled(other, teacher, student);

        // Starting. Who starts what is active already is told so once.
        assert.deepEqual((await press(teacher, start, session)).toSorted(), ["attendance:initiated", ...only("attendanceStarted")]);
        assert.deepEqual(await press(teacher, start, session), []);
        assert.deepEqual((await other.next("attendanceStarted")).classId, classId);

        // Marking, and marking once more; another status is another mark.
        assert.deepEqual(await press(student, mark, present), ["attendanceUpdate"]);
        assert.deepEqual(await press(student, mark, present), []);
        assert.deepEqual(await press(student, mark, { ...present, status: "late" }), ["attendanceUpdate"]);

        // A mark over REST was broadcast to the class, and only there.
        await rest("marks", { sessionType: "lecture", status: "present" }, studentId, "student");
        assert.deepEqual(await press(student, mark, present), inClass ? [] : ["attendanceUpdate"]);
        assert.deepEqual(await press(student, mark, present), []);

        // The acknowledgement always comes.
        for (const name of mark) assert.equal((await student.ask(name, present)).status, "present");

        // A refusal is one message for each press.
        for (const time of ["first", "second"]) {
          assert.deepEqual(await press(student, mark, { ...present, status: "excused" }), ["attendance:error"], time);
        }

        // The socket of a new connection has been sent nothing of it yet.
        student.socket.disconnect();
        student.socket.connect();
        await student.connected();
        await enter(student, studentId, "student");
        assert.deepEqual(await press(student, mark, present), ["attendanceUpdate"]);
        assert.deepEqual(await press(student, mark, present), []);

        // A join gets the active session once. After leaving, the next join gets it once more.
        assert.deepEqual(await press(student, join, { userId: studentId, classId }), inClass ? [] : ["attendanceStarted"]);
        assert.deepEqual(await press(student, leave, { userId: studentId, classId }), []);
        assert.deepEqual(await press(student, join, { userId: studentId, classId }), ["attendanceStarted"]);
        assert.deepEqual(await press(student, join, { userId: "somebody else", classId }), ["class:error"]);

        // Ending.
        assert.deepEqual((await press(teacher, end, session)).toSorted(), ["attendance:ended", ...only("attendanceEnded")]);
        assert.deepEqual(await press(teacher, end, session), []);

        // What was started over REST is confirmed to who presses then, once.
        await rest("sessions", { sessionType: "lab" }, teacherId, "teacher");
        await settled(teacher);
        assert.deepEqual(await press(teacher, start, { ...session, sessionType: "lab" }), ["attendance:initiated"]);
        assert.deepEqual(await press(teacher, start, { ...session, sessionType: "lab" }), []);
      });
    }
  }
});
