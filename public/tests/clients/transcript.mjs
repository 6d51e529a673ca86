// Prints what a 4.x and a 2.x client of one class send and get: `make transcript`.
import { Client, settled } from "./client.mjs";
import { Server } from "./server.mjs";

const classId = "math-7b";
const session = { classId, sessionType: "lecture" };
const server = await Server.start();
const teacher = await person("teacher 4.x websocket", { version: "4.x", transport: "websocket" });
const student = await person("student 2.x polling  ", { version: "2.x", transport: "polling" });
const everybody = [teacher, student];

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
  await server.remove();
}

async function person(name, kind) {
  const client = await Client.connect(server, kind);
  client.name = name;
  return client;
}

function print(client, sign, what, ...data) {
  console.log(`${client.name} ${sign} ${what}`, ...data.map((value) => JSON.stringify(value)));
}

/** Emits, and prints the event and all that the clients receive. */
async function say(client, event, data) {
  print(client, "->", event, data);
  client.emit(event, data);
  await printUnread();
}

/** The same with a callback. */
async function ask(client, event, data) {
  print(client, "->", `${event}, with a callback`, data);
  print(client, "  ", "callback", await client.ask(event, data));
  await printUnread();
}

async function printUnread() {
  await settled(...everybody);
  for (const client of everybody) {
    for (const { event, data } of client.unread.splice(0)) print(client, "<-", event, data);
  }
}
