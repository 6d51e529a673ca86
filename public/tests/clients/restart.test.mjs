// A server or a database that stops in the middle of a session, and starts again.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, nothingElse, settled } from "./client.mjs";
import { MariaDB } from "./mariadb.mjs";
import { until } from "./process.mjs";
import { Server } from "./server.mjs";

// The reconnection of the existing frontend: five tries, with the library's own pauses, and then it gives up.
const frontend = { reconnectionAttempts: 5 };

let database;
before(async () => {
  database = await MariaDB.start();
});
after(() => database?.remove());

const stores = {
  SQLite: async () => ({}),
  MariaDB: async () => ({ DATABASE_DSN: await database.create() }),
};
const ways = { "is stopped with SIGTERM": (server) => server.stop(), "is killed": (server) => server.kill() };

/** A client that identifies and joins after each connect, as a frontend does. */
async function member(t, server, { userId, role, classId, ...options }) {
  const client = new Client(server, { ...frontend, ...options });
  t.after(() => client.close());
  client.joined = new Promise((resolve) => {
    client.enter = () => {
      client.emit("identify", { userId, role });
      client.emit("joinClass", { userId, classId }, resolve);
    };
  });
  client.socket.on("connect", client.enter);
  await client.connected();
  assert.equal((await client.joined).success, true);
  return client;
}

describe("the session continues after the server", { concurrency: 4 }, () => {
  for (const [store, open] of Object.entries(stores)) {
    for (const [way, end] of Object.entries(ways)) {
      test(`${way} and started again, on ${store}`, async (t) => {
        const server = await Server.start(await open());
        t.after(() => server.remove());
        const classId = "goes on";
        const session = { classId, sessionType: "lecture" };
        const teacher = await member(t, server, { userId: "teacher", role: "teacher", classId });
        const students = await Promise.all([
          member(t, server, { userId: "new", role: "student", classId }),
          member(t, server, { userId: "middle", role: "student", classId, version: "3.x", transport: "upgrade" }),
          member(t, server, { userId: "old", role: "student", classId, version: "2.x", transport: "polling" }),
        ]);
        await teacher.ask("initiateAttendance", { ...session, teacherId: "teacher", frequency: 17_500 });
        const everybody = [teacher, ...students];
        await Promise.all(everybody.map((client) => client.next("attendanceStarted")));
        const marked = await students[0].ask("attendanceMarked", { ...session, studentId: "new", studentName: "N", status: "late" });
        assert.equal(marked.success, true);

        const lost = Promise.all(everybody.map((client) => client.disconnected()));
        await end(server);
        // This reason means a DISCONNECT packet, after which a client does not reconnect by itself.
        for (const reason of await lost) assert.notEqual(reason, "io server disconnect");
        await server.start();

        for (const client of everybody) {
          const started = await client.next("attendanceStarted");
          assert.deepEqual(started.frequency, [17_500]);
          assert.equal(started.teacherId, "teacher");
        }
        await settled(...everybody);
        for (const client of everybody) client.unread = [];
        students[2].emit("attendanceMarked", { ...session, studentId: "old", studentName: "O", status: "present" });
        for (const client of everybody) {
          const { studentId, timestamp } = await client.next("attendanceUpdate");
          assert.equal(studentId, "old");
          assert.ok(timestamp >= marked.timestamp, "timestamps do not go back over a restart");
        }
        const { data } = await teacher.ask("fetchAttendance", { ...session, date: marked.timestamp });
        assert.equal(data.active, "active");
        assert.deepEqual(
          Object.fromEntries(data.records.map(({ studentId, status }) => [studentId, status])),
          { new: "late", middle: "absent", old: "present" },
        );
      });
    }
  }
});

/** A client that joins once. After each later connect it sends identify and nothing else, as the existing frontend does. */
async function visitor(t, server, { userId, role, classId, ...options }) {
  const client = new Client(server, { reconnection: false, ...options });
  t.after(() => client.close());
  client.back = async () => {
    client.socket.connect();
    await client.connected();
    client.unread = [];
    assert.equal((await client.ask("identify", { userId, role })).success, true);
  };
  await client.connected();
  await client.ask("identify", { userId, role });
  assert.equal((await client.ask("joinClass", { userId, classId })).success, true);
  return client;
}

/** A request in the name of the teacher. */
async function rest(server, method, path, body) {
  const headers = { "X-User": "teacher", "Content-Type": "application/json" };
  const answer = await fetch(`${server.url}/api/classes/${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
}

/** Waits until a server that will be killed has stored that a student is in a class, if given by that name, and everything that happened
 * before. One that is stopped stores it then. */
async function stored(way, server, student, name) {
  if (way !== "is killed") return;
  const headers = { "X-User": student, "X-Role": "student" };
  await until(`it is stored that ${student} is in a class`, async () => {
    const answer = await fetch(`${server.url}/api/students/${student}/export`, { headers });
    const { presence } = await answer.json();
    return presence.some((room) => !name || room.name === name);
  });
}

const window = { RESUME_WINDOW: "1s" };

describe("after the server", { concurrency: 4 }, () => {
  for (const [store, open] of Object.entries(stores)) {
    for (const [way, end] of Object.entries(ways)) {
      test(`${way}, identify resumes the class, on ${store}`, async (t) => {
        const server = await Server.start(await open());
        t.after(() => server.remove());
        const [classId, shut] = ["resumed", "archived"];
        const session = { classId, sessionType: "lecture" };
        const lab = { classId, sessionType: "lab" };
        const old = { version: "2.x", transport: "polling" };
        const teacher = await visitor(t, server, { userId: "teacher", role: "teacher", classId });
        const student = await visitor(t, server, { userId: "new", role: "student", classId });
        const middle = await visitor(t, server, { userId: "middle", role: "student", classId, version: "3.x", transport: "upgrade" });
        const second = await visitor(t, server, { userId: "old", role: "student", classId, ...old });
        const leaver = await visitor(t, server, { userId: "leaver", role: "student", classId, ...old });
        const removed = await visitor(t, server, { userId: "removed", role: "student", classId });
        await teacher.ask("joinClass", { userId: "teacher", classId: shut });
        const locked = await visitor(t, server, { userId: "locked", role: "student", classId: shut });
        await teacher.ask("initiateAttendance", { ...session, teacherId: "teacher" });
        await teacher.ask("initiateAttendance", { ...lab, teacherId: "teacher" });
        await student.ask("attendanceMarked", { ...session, studentId: "new", studentName: "Asha", status: "present" });
        await leaver.ask("leaveClass", { userId: "leaver", classId });
        // The name that others read comes with joining again.
        await student.ask("leaveClass", { userId: "new", classId });
        await student.ask("joinClass", { userId: "new", classId });

        await stored(way, server, "new", "Asha");
        const everybody = [teacher, student, middle, second, leaver, removed, locked];
        const lost = Promise.all(everybody.map((client) => client.disconnected()));
        await end(server);
        await lost;
        await server.start();
        await rest(server, "DELETE", `${classId}/roster/removed`);
        await rest(server, "PUT", `${shut}/archived`, { archived: true });

        // The teacher returns first, ends the lab, and receives userJoined for each user who returns later.
        await teacher.back();
        for (const sessionType of ["lecture", "lab"]) assert.equal((await teacher.next("attendanceStarted", { sessionType })).classId, classId);
        await teacher.ask("endAttendance", { ...lab, teacherId: "teacher" });
        await teacher.next("attendanceEnded");
        await teacher.next("attendance:ended");
        for (const client of [student, middle, second]) {
          await client.back();
          assert.equal((await client.next("attendanceEnded")).sessionType, "lab");
          assert.equal((await client.next("attendanceStarted")).sessionType, "lecture");
        }
        assert.deepEqual(await teacher.next("userJoined", { userId: "new" }), { userId: "new", message: "Asha joined the class" });
        for (const userId of ["middle", "old"]) await teacher.next("userJoined", { userId });
        for (const client of [leaver, removed, locked]) await client.back();
        await settled(...everybody);
        for (const client of everybody) client.unread = [];
        await second.ask("attendanceMarked", { ...session, studentId: "old", studentName: "O", status: "present" });
        for (const client of [teacher, student, middle, second]) await client.next("attendanceUpdate", { studentId: "old" });
        await nothingElse(...everybody);
      });

      test(`${way}, identify resumes no class after the window, on ${store}`, async (t) => {
        const server = await Server.start({ ...(await open()), ...window });
        t.after(() => server.remove());
        const classId = "too late";
        const teacher = await visitor(t, server, { userId: "teacher", role: "teacher", classId });
        const student = await visitor(t, server, { userId: "student", role: "student", classId });
        await stored(way, server, "student");
        await end(server);
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await server.start();
        await student.back();
        await teacher.back();
        await teacher.ask("initiateAttendance", { classId, teacherId: "teacher", sessionType: "lecture" });
        await teacher.next("attendance:initiated");
        await nothingElse(teacher, student);
      });
    }
  }
});

test("a user who returns after the end gets attendanceEnded", async (t) => {
  const server = await Server.start();
  t.after(() => server.remove());
  const classId = "ended meanwhile";
  const session = { classId, sessionType: "lecture" };
  const teacher = await visitor(t, server, { userId: "teacher", role: "teacher", classId });
  const students = [
    await visitor(t, server, { userId: "new", role: "student", classId }),
    await visitor(t, server, { userId: "old", role: "student", classId, version: "2.x" }),
  ];
  await teacher.ask("initiateAttendance", { ...session, teacherId: "teacher" });
  for (const [i, student] of students.entries()) {
    const lost = student.disconnected();
    student.socket.io.engine.close();
    await lost;
    await teacher.next("userLeft", { userId: ["new", "old"][i] });
  }
  const { timestamp } = (await teacher.ask("endAttendance", { ...session, teacherId: "teacher" })) && (await teacher.next("attendanceEnded"));
  for (const student of students) {
    await student.back();
    assert.deepEqual(await student.next("attendanceEnded"), {
      ...session,
      timestamp,
      message: "Attendance for lecture has ended",
    });
    await nothingElse(student);
    // A second identify has nothing new to say.
    await student.ask("identify", { userId: student === students[0] ? "new" : "old", role: "student" });
    await nothingElse(student);
  }
});

test("a connection joins 100 classes at most, identify resumes all", async (t) => {
  const server = await Server.start();
  t.after(() => server.remove());
  const student = await visitor(t, server, { userId: "student", role: "student", classId: "class 0" });
  // Each join writes; a busy disk may take too long for one, which the client tries again.
  const join = async (number) => {
    for (;;) {
      const reply = await student.ask("joinClass", { userId: "student", classId: `class ${number}` });
      if (reply.reason !== "too_slow") return reply;
      await student.next("class:error", { message: reply.message });
    }
  };
  for (let number = 1; number < 100; number++) {
    const { success, message } = await join(number);
    assert.ok(success, message);
  }
  const message = "One connection can be in at most 100 classes; leave one of them first";
  const refused = await join(100);
  assert.equal(refused.success, false);
  assert.equal(refused.message, message);
  assert.deepEqual(await student.next("class:error"), { message });
  assert.equal((await join(99)).success, true, "joining again is no further class");

  const watchers = [];
  for (const number of [0, 99]) watchers.push(await visitor(t, server, { userId: "teacher", role: "teacher", classId: `class ${number}` }));
  const lost = student.disconnected();
  student.socket.io.engine.close();
  await lost;
  for (const watcher of watchers) await watcher.next("userLeft", { userId: "student" });
  await student.back();
  for (const watcher of watchers) await watcher.next("userJoined", { userId: "student" });
  assert.equal((await join(100)).success, false);
  assert.equal((await student.ask("leaveClass", { userId: "student", classId: "class 0" })).success, true);
  assert.equal((await join(100)).success, true);
});

test("events are refused while the database is away", async (t) => {
  const server = await Server.start({ DATABASE_DSN: await database.create() });
  t.after(() => server.remove());
  const classId = "database away";
  const session = { classId, sessionType: "lecture" };
  const teacher = await member(t, server, { userId: "teacher", role: "teacher", classId });
  const student = await member(t, server, { userId: "student", role: "student", classId });
  await teacher.ask("initiateAttendance", { ...session, teacherId: "teacher" });
  await settled(teacher, student);
  for (const client of [teacher, student]) client.unread = [];

  await database.stop();
  const mark = { ...session, studentId: "student", studentName: "S", status: "present" };
  const refused = await student.ask("attendanceMarked", mark);
  assert.equal(refused.success, false);
  assert.deepEqual(await student.next("attendance:error"), { message: refused.message });
  await until("/readyz says no", async () => !(await server.ready()));
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);

  await database.start();
  await until("/readyz says yes", () => server.ready());
  assert.equal((await student.ask("attendanceMarked", mark)).success, true);
  for (const client of [teacher, student]) assert.equal((await client.next("attendanceUpdate")).studentId, "student");
  await nothingElse(teacher, student);
});
