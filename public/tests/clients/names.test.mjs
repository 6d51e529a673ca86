// The names that a class receives after a correction, and the forms in which clients send today's date.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, kinds } from "./client.mjs";
import { Server } from "./server.mjs";

describe("names and dates", { concurrency: 3 }, () => {
  let server;
  before(async () => (server = await Server.start({ CAMPUS_TZ: "Etc/GMT+12" }))); // where UTC's date is tomorrow from noon on
  after(() => server?.remove());

  /** A class with an active lecture, its teacher and one student. */
  async function lecture(t, classId, kind) {
    const teacherId = `teacher of ${classId}`;
    const [teacher, student] = await Promise.all([1, 2].map(() => Client.connect(server, kind)));
    t.after(() => [teacher, student].forEach((client) => client.close()));
    await teacher.ask("identify", { userId: teacherId, role: "teacher" });
    await teacher.ask("joinClass", { userId: teacherId, classId });
    await student.ask("identify", { userId: "s", role: "student" });
    await student.ask("joinClass", { userId: "s", classId });
    await teacher.ask("initiateAttendance", { classId, teacherId, sessionType: "lecture" });
    return { teacher, student, teacherId, session: { classId, sessionType: "lecture" } };
  }

  for (const [number, kind] of kinds.entries()) {
    test(`socket.io-client ${kind.version} over ${kind.transport} receives the corrected name`, async (t) => {
      const classId = `name-${number}`;
      const { teacher, student, teacherId, session } = await lecture(t, classId, kind);
      const mark = { ...session, studentId: "s", studentName: "Ahsa" };
      assert.equal((await student.ask("attendanceMarked", { ...mark, status: "present" })).studentName, "Ahsa");
      const answer = await fetch(`${server.url}/api/classes/${classId}/roster`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-User": encodeURIComponent(teacherId) },
        body: JSON.stringify({ students: [{ id: "s", name: "Asha" }] }),
      });
      assert.equal((await answer.json()).renamed, 1);
      const { data } = await teacher.ask("fetchAttendance", { ...session, date: new Date().toISOString() });
      assert.equal(data.records[0].studentName, "Asha");
      assert.equal((await student.ask("attendanceMarked", { ...mark, status: "present" })).studentName, "Asha");
      assert.equal((await student.ask("attendanceMarked", { ...mark, status: "late" })).studentName, "Asha");
      assert.equal((await teacher.next("attendanceUpdate", { status: "late" })).studentName, "Asha");
    });
  }

  const today = {
    "toISOString, the date only": (iso) => iso.split("T")[0],
    toISOString: (iso) => iso,
    "Java, without seconds": (iso) => `${iso.slice(0, 16)}Z`,
    "PHP and strftime": (iso) => iso.replace(/\.\d+Z/, "+0000"),
    "Python, to a text": (iso) => iso.replace("T", " ").replace("Z", "000+00:00"),
    Swift: (iso) => iso.replace("T", " ").replace(/\.\d+Z/, " +0000"),
    Go: (iso) => iso.replace("T", " ").replace("Z", " +0000 UTC"),
  };
  test("fetchAttendance finds today in each form of the date", async (t) => {
    const { teacher, session } = await lecture(t, "dates", {});
    for (const [client, named] of Object.entries(today)) {
      const date = named(new Date().toISOString());
      const found = await teacher.ask("fetchAttendance", { ...session, date });
      assert.deepEqual([found.success, found.exists, found.date], [true, true, date], client);
    }
    assert.equal((await teacher.ask("fetchAttendance", { ...session, date: "2026-W48-4" })).message, "Invalid date format");
  });
});
