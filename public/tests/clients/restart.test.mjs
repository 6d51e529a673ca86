// A server or a database that goes away in the middle of a lesson, and comes back.
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

describe("the lesson goes on when the server", { concurrency: 4 }, () => {
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
        // After a DISCONNECT packet, which is this reason, a client would not come back by itself.
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

test("without its database the server refuses and says so, and works again when the database is back", async (t) => {
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
