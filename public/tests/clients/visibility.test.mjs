// In a class with visibility own students receive and read nothing of each other, with every client version. Teachers see everything.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { settled } from "./client.mjs";
import { Server } from "./server.mjs";
import { SignedClass } from "./signedclass.mjs";
import { secret } from "./token.mjs";

const show = (visibility) => (it) => it.rest("asha", "PATCH", `/classes/${it.classId}`, { visibility });
const marks = (name, student, status) => (it) => it.mark(name, student, status, "lecture");
const ask = (name, event) => (it) => it.clients[name].ask(event, { userId: it.id(name), classId: it.classId });
const correct = (name, student, status) => async (it) => {
  const { sessions } = JSON.parse((await it.rest("asha", "GET", `/classes/${it.classId}/sessions`)).text);
  await it.rest(name, "PUT", `/sessions/${sessions[0].id}/marks/${it.id(student)}`, { status, reason: "was there" });
};
const started = "attendanceStarted lecture";
const ended = "attendanceEnded lecture";
const update = (student) => `attendanceUpdate ${student}`;

// What happens one after the other in one class, and who is sent what. Who is not named is sent nothing; staff are asha, gita and the
// registrar. Chen and Divya are in the class all the time, Hugo comes and goes.
const steps = [
  ["the class hides students from each other", show("own"), {}],
  ["a student comes", ask("hugo", "joinClass"), { staff: ["userJoined hugo"] }],
  ["a session starts", (it) => it.start("asha", "lecture"), { everybody: [started], asha: ["attendance:initiated lecture"] }],
  ["a student marks themselves", marks("chen", "chen", "present"), { staff: [update("chen")], chen: [update("chen")] }],
  ["a student repeats a mark", marks("chen", "chen", "present"), {}],
  ["a teacher marks a student", marks("gita", "chen", "late"), { staff: [update("chen")], chen: [update("chen")] }],
  ["an administrator marks a student", marks("registrar", "divya", "excused"), { staff: [update("divya")], divya: [update("divya")] }],
  ["a mark comes over REST", (it) => it.rest("hugo", "POST", `/classes/${it.classId}/marks`, { studentId: it.id("hugo"), sessionType: "lecture" }), { staff: [update("hugo")], hugo: [update("hugo")] }],
  ["a mark is corrected", correct("asha", "divya", "late"), { staff: [update("divya")], divya: [update("divya")] }],
  ["a student leaves", ask("hugo", "leaveClass"), { staff: ["userLeft hugo"] }],
  ["a student who comes is sent what is open", ask("hugo", "joinClass"), { staff: ["userJoined hugo"], hugo: [started] }],
  ["a student fetches", (it) => it.clients.chen.ask("fetchAttendance", { classId: it.classId, date: new Date().toISOString(), sessionType: "lecture" }), { chen: ["attendanceData lecture chen"] }],
  ["a teacher fetches", (it) => it.clients.gita.ask("fetchAttendance", { classId: it.classId, date: new Date().toISOString(), sessionType: "lecture" }), { gita: ["attendanceData lecture chen divya hugo"] }],
  ["a student's connection breaks, and identify brings them back", async (it) => {
    await it.cut("chen");
    await it.identify("chen");
  }, { staff: ["userLeft chen", "userJoined chen"], chen: [started] }],
  ["another marks themselves after that", marks("hugo", "hugo", "late"), { staff: [update("hugo")], hugo: [update("hugo")] }],
  ["the class shows students to each other", show("class"), {}],
  ["a student marks themselves where all see it", marks("hugo", "hugo", "absent"), { everybody: [update("hugo")] }],
  ["a student leaves where all see it", ask("hugo", "leaveClass"), { others: ["userLeft hugo"] }],
  ["a student comes where all see it", ask("hugo", "joinClass"), { others: ["userJoined hugo"], hugo: [started] }],
  ["the class hides them again", show("own"), {}],
  ["a student marks themselves where nobody sees it", marks("hugo", "hugo", "present"), { staff: [update("hugo")], hugo: [update("hugo")] }],
  ["two students mark themselves with one device", async (it) => {
    await it.start("asha", "lab");
    for (const name of ["chen", "hugo"]) await it.mark(name, name, "present", "lab", { deviceId: "one-phone-for-two" });
  }, {
    everybody: ["attendanceStarted lab"], asha: ["attendance:initiated lab"], chen: [update("chen")], hugo: [update("hugo")],
    staff: [update("chen"), update("hugo"), "attendance:flag lab chen hugo"],
  }],
  ["the session ends", (it) => it.end("gita", "lecture"), { everybody: [ended], gita: ["attendance:ended lecture"] }],
];

// What a student reads over REST of a class with a session: the status, and whether there is anything of the student's own.
const reads = [
  [(it) => `/classes/${it.classId}`, 200, false],
  [(it) => `/classes/${it.classId}/sessions`, 200, false],
  [(it) => `/classes/${it.classId}/history`, 200, false],
  [(it) => `/students/${it.id("chen")}/export`, 200, true],
  [(it) => `/students/${it.id("divya")}/export`, 403, false],
  [(it) => `/classes/${it.classId}/presence`, 403, false],
  [(it) => `/classes/${it.classId}/roster`, 403, false],
  [(it) => `/classes/${it.classId}/teachers`, 403, false],
  [(it) => `/classes/${it.classId}/statistics`, 403, false],
  [(it) => `/classes/${it.classId}/statistics/students`, 403, false],
  [(it) => `/classes/${it.classId}/statistics/sessions`, 403, false],
  [(it) => `/classes/${it.classId}/export`, 403, false],
  [(it, session) => `/sessions/${session}`, 403, false],
  [(it, session) => `/sessions/${session}/export`, 403, false],
  [(it, session) => `/sessions/${session}/changes`, 403, false],
  [(it, session) => `/sessions/${session}/flags`, 403, false],
];

const names = ["asha", "gita", "registrar", "chen", "divya", "hugo"];
const staff = ["asha", "gita", "registrar"];

describe("in a class with visibility own", () => {
  let server, it;
  before(async () => {
    server = await Server.start({ JWT_SECRET: secret });
    it = await SignedClass.create(server, "private");
    await it.enter(...names);
    await ask("hugo", "leaveClass")(it);
    await settled(...Object.values(it.clients));
  });
  after(async () => {
    it?.close();
    await server?.remove();
  });

  for (const [title, act, told] of steps) {
    test(`${title}: each is sent what they may know`, async () => {
      const clients = Object.values(it.clients);
      for (const client of clients) client.unread = [];
      const answer = await act(it);
      if (answer?.success !== undefined) assert.equal(answer.success, true, answer.message);
      await settled(...clients);
      for (const name of names) assert.deepEqual(it.clients[name].unread.map(summary).toSorted(), wanted(told, name).toSorted(), name);
    });
  }

  for (const [path, status, own] of reads) {
    test(`a student who reads ${path({ classId: ":classId", id: (name) => name }, ":sessionId")} gets ${status}`, async () => {
      const { sessions } = JSON.parse((await it.rest("asha", "GET", `/classes/${it.classId}/sessions`)).text);
      const answer = await it.request("chen", "GET", path(it, sessions[0].id));
      assert.equal(answer.status, status);
      assert.equal(answer.text.includes(it.id("chen")), own, answer.text);
      for (const other of ["divya", "hugo"]) assert.ok(!answer.text.includes(other), answer.text);
    });
  }

  /** An event, its session type, and the people in it by the names of this test. */
  function summary({ event, data }) {
    const ids = [data.studentId, data.userId, ...(data.studentIds ?? []).toSorted(), ...(data.data?.records ?? []).map((record) => record.studentId).toSorted()];
    const type = event === "attendanceUpdate" ? undefined : data.sessionType;
    return [event, type, ...ids.map((id) => names.find((name) => it.id(name) === id))].filter(Boolean).join(" ");
  }

  function wanted({ everybody = [], staff: toStaff = [], others = [], ...more }, name) {
    return [...everybody, ...(staff.includes(name) ? toStaff : []), ...(name === "hugo" ? [] : others), ...(more[name] ?? [])];
  }
});
