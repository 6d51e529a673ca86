// One class whose users have different clients, transports and tabs, lose connections, and have names in any script.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, kinds, nothingElse, settled } from "./client.mjs";
import { Server } from "./server.mjs";

// No user is in two tests: a user who returns within RESUME_WINDOW is also in the classes of the test before.
const teacherOf = (classId) => `teacher of ${classId}`;

describe("in one class", { concurrency: 3 }, () => {
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.remove());

  /** Connected clients, closed when the test is over. */
  async function connect(t, count, options) {
    const clients = await Promise.all(Array.from({ length: count }, () => Client.connect(server, options)));
    t.after(() => clients.forEach((client) => client.close()));
    return clients;
  }

  async function enter(client, userId, role, classId) {
    client.emit("identify", { userId, role });
    assert.equal((await client.ask("joinClass", { userId, classId })).success, true);
  }

  test("all versions and transports receive the same order of updates", async (t) => {
    const classId = "all together";
    const [teacher] = await connect(t, 1);
    await enter(teacher, teacherOf(classId), "teacher", classId);
    const students = await Promise.all(
      kinds.map(async (kind) => {
        const [client] = await connect(t, 1, kind);
        const userId = `student ${kind.version} ${kind.transport}`;
        await enter(client, userId, "student", classId);
        return { client, userId };
      }),
    );
    await teacher.ask("initiateAttendance", { classId, teacherId: teacherOf(classId), sessionType: "lab" });

    // All at once, and each marks a second time.
    await Promise.all(
      students.flatMap(({ client, userId }) =>
        ["present", "late"].map((status) =>
          client.ask("attendanceMarked", { classId, studentId: userId, studentName: userId, status, sessionType: "lab" }),
        ),
      ),
    );

    const everybody = [teacher, ...students.map(({ client }) => client)];
    await settled(...everybody);
    const updatesOf = (client) => client.unread.filter(({ event }) => event === "attendanceUpdate").map(({ data }) => data);
    const seen = updatesOf(teacher);
    assert.equal(seen.length, 2 * students.length);
    for (const client of everybody) assert.deepEqual(updatesOf(client), seen);
    const timestamps = seen.map(({ timestamp }) => timestamp);
    assert.deepEqual(timestamps, timestamps.toSorted(), "timestamps never go back");
  });

  for (const [what, text] of Object.entries({
    Devanagari: "अनुष्का क्षत्रिय",
    emoji: "👩🏽‍🎓👨‍👩‍👧‍👦🇮🇳",
    "Arabic and Chinese": "محمد 李小龙",
    "characters that JSON and framing care about": '"\\\u2028:b4[{</script>&\u00e9',
  })) {
    test(`${what} in names and ids reach every client unchanged`, async (t) => {
      const classId = `class ${text}`;
      const [teacher] = await connect(t, 1, { version: "2.x", transport: "polling" });
      await enter(teacher, teacherOf(classId), "teacher", classId);
      const watchers = await Promise.all(kinds.map(async (kind) => (await connect(t, 1, kind))[0]));
      const idOf = (watcher) => `${watchers.indexOf(watcher)} ${text}`;
      for (const watcher of watchers) await enter(watcher, idOf(watcher), "student", classId);
      await teacher.ask("initiateAttendance", { classId, teacherId: teacherOf(classId), sessionType: "lecture" });
      for (const watcher of watchers) {
        const studentId = idOf(watcher);
        watcher.emit("attendanceMarked", { classId, studentId, studentName: text, status: "present", sessionType: "lecture" });
        for (const other of watchers) {
          const update = await other.next("attendanceUpdate", { studentId });
          assert.equal(update.classId, classId);
          assert.equal(update.studentName, text);
        }
      }
    });
  }

  test("a user with two tabs joins once and leaves once", async (t) => {
    const classId = "two tabs";
    const [teacher, tab, otherTab] = await connect(t, 3);
    await enter(teacher, teacherOf(classId), "teacher", classId);
    await enter(tab, "student", "student", classId);
    assert.equal((await teacher.next("userJoined")).userId, "student");
    await enter(otherTab, "student", "student", classId);
    await nothingElse(teacher, tab, otherTab);

    await teacher.ask("initiateAttendance", { classId, teacherId: teacherOf(classId), sessionType: "lecture" });
    tab.emit("attendanceMarked", { classId, studentId: "student", studentName: "S", status: "present", sessionType: "lecture" });
    for (const client of [tab, otherTab]) {
      assert.equal((await client.next("attendanceUpdate")).studentId, "student");
      await client.next("attendanceStarted");
    }
    await settled(teacher, tab, otherTab);
    teacher.unread = [];

    tab.close();
    await nothingElse(teacher, otherTab);
    otherTab.close();
    assert.equal((await teacher.next("userLeft")).userId, "student");
    await nothingElse(teacher);
  });

  for (const version of ["4.x", "3.x", "2.x"]) {
    test(`a ${version} client is back in its classes after identify`, async (t) => {
      const classId = `resumed ${version}`;
      const [teacher] = await connect(t, 1);
      const [student] = await connect(t, 1, { version, reconnectionDelay: 50 });
      await enter(teacher, teacherOf(classId), "teacher", classId);
      await enter(student, `student ${version}`, "student", classId);
      await teacher.ask("initiateAttendance", { classId, teacherId: teacherOf(classId), sessionType: "lecture", frequency: [18_000, 19_000] });
      await student.next("attendanceStarted");

      // What the existing frontend does: after each connect it identifies, and nothing else.
      student.socket.on("connect", () => student.emit("identify", { userId: `student ${version}`, role: "student" }));
      const lost = student.disconnected();
      student.socket.io.engine.close();
      await lost;
      await teacher.next("userLeft", { userId: `student ${version}` });
      assert.deepEqual((await student.next("attendanceStarted")).frequency, [18_000, 19_000]);
      await teacher.next("userJoined", { userId: `student ${version}` });

      student.emit("attendanceMarked", { classId, studentId: `student ${version}`, studentName: "S", status: "present", sessionType: "lecture" });
      await teacher.next("attendanceUpdate");
      await student.next("attendanceUpdate");
    });
  }

  test("a socket that identifies as another user leaves its classes", async (t) => {
    const classId = "somebody else";
    const [teacher, student] = await connect(t, 2);
    await enter(teacher, teacherOf(classId), "teacher", classId);
    await enter(student, "first", "student", classId);
    student.emit("identify", { userId: "second", role: "student" });
    assert.equal((await teacher.next("userLeft")).userId, "first");
    await teacher.ask("initiateAttendance", { classId, teacherId: teacherOf(classId), sessionType: "lecture" });
    await nothingElse(student);
  });

  test("a client receives no event of a class that it is not in", async (t) => {
    const [teacher, outsider] = await connect(t, 2);
    await enter(teacher, teacherOf("Math"), "teacher", "Math");
    await enter(outsider, "outsider", "teacher", "math");
    await teacher.ask("initiateAttendance", { classId: "Math", teacherId: teacherOf("Math"), sessionType: "lecture" });
    await nothingElse(outsider);
  });

  test("the 4.x client's promises, timeouts and retries work", async (t) => {
    const classId = "promises";
    const [teacher] = await connect(t, 1, { retries: 3, ackTimeout: 5_000 });
    // With retries, callbacks get an error first.
    teacher.emit("identify", { userId: teacherOf(classId), role: "teacher" });
    const [error, joined] = await new Promise((resolve) =>
      teacher.emit("joinClass", { userId: teacherOf(classId), classId }, (...answer) => resolve(answer)),
    );
    assert.equal(error, null);
    assert.equal(joined.success, true);
    const session = { classId, sessionType: "lecture" };
    const answer = await teacher.socket.timeout(5_000).emitWithAck("initiateAttendance", { ...session, teacherId: teacherOf(classId) });
    assert.deepEqual(answer, { success: true, ...session, message: answer.message });
    const refusal = await teacher.socket.timeout(5_000).emitWithAck("endAttendance", { ...session, sessionType: "lab", teacherId: teacherOf(classId) });
    assert.equal(refusal.success, false);
    assert.deepEqual(await teacher.next("attendance:error"), { message: refusal.message });
  });

  test("today is the day in CAMPUS_TZ", async (t) => {
    const classId = "days";
    // Fourteen hours ahead of UTC: for ten hours of a UTC day, the campus day is the next one.
    const zone = "Pacific/Kiritimati";
    const there = await Server.start({ CAMPUS_TZ: zone });
    t.after(() => there.remove());
    const teacher = await Client.connect(there);
    t.after(() => teacher.close());
    await enter(teacher, teacherOf(classId), "teacher", classId);
    const session = { classId, sessionType: "lecture" };
    await teacher.ask("initiateAttendance", { ...session, teacherId: teacherOf(classId) });
    const { timestamp } = await teacher.next("attendanceStarted");
    const dayIn = (timeZone) => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(timestamp));
    assert.equal((await teacher.ask("fetchAttendance", { ...session, date: dayIn(zone) })).exists, true);
    assert.equal((await teacher.ask("fetchAttendance", { ...session, date: timestamp })).exists, true);
    const elsewhere = dayIn("Pacific/Pago_Pago");
    assert.notEqual(elsewhere, dayIn(zone));
    assert.equal((await teacher.ask("fetchAttendance", { ...session, date: elsewhere })).exists, false);
  });
});
