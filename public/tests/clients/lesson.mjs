// One lesson of two clients, with everything that goes over the wire passed to record: { client, direction, event, data }, where direction is
// "->", "<-" or, for the data of an acknowledgement, "callback".
import { Client, settled } from "./client.mjs";

const classId = "math-7b";
const session = { classId, sessionType: "lecture" };

/** Plays the lesson with a client of a kind for the teacher and one for the student. With callbacks, every event is acknowledged. */
export async function playLesson(server, { teacher: ofTeacher, student: ofStudent }, record, { callbacks = false } = {}) {
  const teacher = await person(server, "teacher", ofTeacher);
  const student = await person(server, "student", ofStudent);
  const everybody = [teacher, student];

  const ask = async (client, event, data) => {
    record({ client, direction: "->", event, data });
    record({ client, direction: "callback", event, data: await client.ask(event, data) });
    await recordReceived();
  };
  const say = async (client, event, data) => {
    if (callbacks) return ask(client, event, data);
    record({ client, direction: "->", event, data });
    client.emit(event, data);
    await recordReceived();
  };
  const recordReceived = async () => {
    await settled(...everybody);
    for (const client of everybody) {
      for (const { event, data } of client.unread.splice(0)) record({ client, direction: "<-", event, data });
    }
  };

  try {
    await say(teacher, "identify", { userId: "t-1", role: "teacher" });
    await say(teacher, "joinClass", { userId: "t-1", classId });
    await say(student, "identify", { userId: 7, role: "student" });
    await say(student, "joinClass", { userId: 7, classId });
    await say(teacher, "initiateAttendance", { ...session, teacherId: "t-1", frequency: 18_500 });
    const mark = { ...session, studentId: 7, studentName: "आशा राव 🎓", status: "present" };
    await say(student, "attendanceMarked", mark);
    await say(student, "student:markAttendance", mark);
    await say(student, "endAttendance", { ...session, teacherId: 7 });
    const date = new Date().toISOString();
    await ask(teacher, "fetchAttendance", { ...session, date });
    await say(student, "leaveClass", { userId: 7, classId });
    await ask(teacher, "endAttendance", { ...session, teacherId: "t-1" });
  } finally {
    for (const client of everybody) client.close();
  }
}

async function person(server, role, kind) {
  const client = await Client.connect(server, kind);
  client.name = `${role} ${kind.version} ${kind.transport}`;
  return client;
}
