// A whole session with every client version over every transport, on SQLite and on MariaDB.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, kinds, nothingElse, settled } from "./client.mjs";
import { MariaDB } from "./mariadb.mjs";
import { Server } from "./server.mjs";

const stores = {
  SQLite: async () => ({ settings: {}, remove: async () => {} }),
  MariaDB: async () => {
    const database = await MariaDB.start();
    return { settings: { DATABASE_DSN: await database.create() }, remove: () => database.remove() };
  },
};

for (const [name, open] of Object.entries(stores)) {
  describe(`a session on ${name}`, { concurrency: 3 }, () => {
    let store, server;
    before(async () => {
      store = await open();
      server = await Server.start(store.settings);
    });
    after(async () => {
      await server?.remove();
      await store?.remove();
    });

    for (const [index, kind] of kinds.entries()) {
      test(`socket.io-client ${kind.version} over ${kind.transport}`, async () => {
        const clients = await Promise.all([1, 2, 3].map(() => Client.connect(server, kind)));
        try {
          await session(index, ...clients);
        } finally {
          for (const client of clients) client.close();
        }
      });
    }
  });
}

// Each run has its own users: a user who returns within RESUME_WINDOW is also in the class of the run before.
async function session(number, teacher, student, latecomer) {
  const classId = `गणित ${number}`;
  const teacherId = `प्रो. शर्मा ${number}`;
  const studentId = 700 + number;
  const latecomerId = `late-${number}`;
  const sessionType = "lecture";
  const session = { classId, sessionType };

  // All identify, and the teacher and one student join. Ids come back in the form in which they were sent: this student's is a number.
  teacher.emit("identify", { userId: teacherId, role: "teacher" });
  student.emit("identify", { userId: studentId, role: "student" });
  latecomer.emit("identify", { userId: latecomerId, role: "student" });
  assert.equal((await teacher.ask("joinClass", { userId: teacherId, classId })).success, true);
  student.emit("joinClass", { userId: studentId, classId });
  student.emit("student:joinClass", { userId: studentId, classId });
  const joined = await teacher.next("userJoined");
  assert.deepEqual(joined, { userId: studentId, message: joined.message });
  await nothingElse(teacher, student);

  // The teacher opens attendance. Today's frontend sends each event under its old and its new name.
  const initiate = { ...session, teacherId, frequency: 18_500 };
  teacher.emit("initiateAttendance", initiate);
  teacher.emit("teacher:startAttendance", initiate);
  const initiated = await teacher.next("attendance:initiated");
  assert.deepEqual(initiated, { success: true, ...session, message: initiated.message });
  const started = await teacher.next("attendanceStarted");
  assert.deepEqual(started, {
    ...session,
    teacherId,
    timestamp: started.timestamp,
    message: started.message,
    frequency: [18_500],
  });
  assert.equal(new Date(started.timestamp).toISOString(), started.timestamp);
  assert.deepEqual(await student.next("attendanceStarted"), started);
  await nothingElse(teacher, student, latecomer);

  // A student who joins late gets attendanceStarted once.
  latecomer.emit("joinClass", { userId: latecomerId, classId });
  latecomer.emit("student:joinClass", { userId: latecomerId, classId });
  const told = await latecomer.next("attendanceStarted");
  assert.deepEqual(told, { ...started, message: told.message });
  assert.equal((await teacher.next("userJoined")).userId, latecomerId);
  assert.equal((await student.next("userJoined")).userId, latecomerId);
  await nothingElse(teacher, student, latecomer);

  // A student marks; all members get it once, the student included.
  const mark = { ...session, studentId, studentName: "आशा राव 🎓", status: "present" };
  student.emit("attendanceMarked", mark);
  student.emit("student:markAttendance", mark);
  const update = await teacher.next("attendanceUpdate");
  assert.deepEqual(update, { ...mark, timestamp: update.timestamp });
  assert.ok(update.timestamp >= started.timestamp);
  assert.deepEqual(await student.next("attendanceUpdate"), update);
  assert.deepEqual(await latecomer.next("attendanceUpdate"), update);
  await nothingElse(teacher, student, latecomer);

  // A callback gets the result of a mark. A missing status means present.
  const { status, ...unsaid } = { ...mark, studentId: latecomerId, studentName: "Bo" };
  assert.equal((await latecomer.ask("attendanceMarked", unsaid)).success, true);
  assert.equal((await student.next("attendanceUpdate", { studentId: latecomerId })).status, "present");

  // What the teacher set, the student cannot change.
  teacher.emit("attendanceMarked", { ...mark, status: "excused" });
  assert.equal((await student.next("attendanceUpdate", { studentId })).status, "excused");
  const refused = await student.ask("attendanceMarked", mark);
  assert.equal(refused.success, false);
  assert.deepEqual(await student.next("attendance:error"), { message: refused.message });
  await settled(teacher, student, latecomer);
  for (const client of [teacher, latecomer]) client.unread = [];

  // The teacher reads what is recorded.
  const date = started.timestamp.slice(0, 10);
  teacher.emit("fetchAttendance", { ...session, date });
  const fetched = await teacher.next("attendanceData");
  assert.deepEqual(fetched, { success: true, exists: true, ...session, date, message: fetched.message, data: fetched.data });
  assert.equal(fetched.data.active, "active");
  const records = fetched.data.records.map(({ recordedAt, ...record }) => {
    assert.equal(new Date(recordedAt).toISOString(), recordedAt);
    return record;
  });
  assert.deepEqual(
    records.toSorted((a, b) => String(a.studentId).localeCompare(String(b.studentId))),
    [
      { studentId, studentName: "आशा राव 🎓", status: "excused", recordedBy: teacherId },
      { studentId: latecomerId, studentName: "Bo", status: "present", recordedBy: latecomerId },
    ],
  );
  teacher.emit("fetchAttendance", { ...session, date, sessionType: "lab" });
  const none = await teacher.next("attendanceData");
  assert.deepEqual(
    { ...none, message: "" },
    { success: true, exists: false, classId, date, sessionType: "lab", message: "", data: { active: "initial", records: [] } },
  );

  // The student leaves, and gets no more events of the class.
  student.emit("leaveClass", { userId: studentId, classId });
  student.emit("student:leaveClass", { userId: studentId, classId });
  const left = await latecomer.next("userLeft");
  assert.deepEqual(left, { userId: studentId, message: left.message });
  assert.equal((await teacher.next("userLeft")).userId, studentId);
  await nothingElse(teacher, student, latecomer);

  // The teacher ends the session; marking is refused from then on.
  const end = { ...session, teacherId };
  teacher.emit("endAttendance", end);
  teacher.emit("teacher:endAttendance", end);
  const confirmed = await teacher.next("attendance:ended");
  assert.deepEqual(confirmed, { success: true, ...session, message: confirmed.message });
  const ended = await latecomer.next("attendanceEnded");
  assert.deepEqual(ended, { ...session, timestamp: ended.timestamp, message: ended.message });
  assert.ok(ended.timestamp >= update.timestamp);
  assert.deepEqual(await teacher.next("attendanceEnded"), ended);
  latecomer.emit("attendanceMarked", { ...unsaid, status: "late" });
  assert.deepEqual(await latecomer.next("attendance:error"), {
    message: "No active attendance session for this class and session type",
  });
  await nothingElse(teacher, student, latecomer);

  // Opened again on the same day, it has the marks that it had.
  assert.equal((await teacher.ask("initiateAttendance", { ...session, teacherId })).success, true);
  assert.equal((await latecomer.next("attendanceStarted")).classId, classId);
  const again = await teacher.ask("fetchAttendance", { ...session, date });
  assert.equal(again.success, true);
  assert.deepEqual(again.data, fetched.data);

  // A user whose connection breaks has left.
  await settled(teacher);
  latecomer.close();
  assert.equal((await teacher.next("userLeft")).userId, latecomerId);
}
