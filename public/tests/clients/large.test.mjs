// The answer to fetchAttendance for a large class with long names is over SEND_QUEUE_BYTES, and reaches who asked for it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, kinds } from "./client.mjs";
import { DEADLINE, within } from "./process.mjs";
import { Server } from "./server.mjs";

const classId = "large";
const teacherId = "teacher";
const sessionType = "lecture";
const students = 8_000;
const perRequest = 1_000; // as many as MAX_PAYLOAD lets in
const name = (i) => `${"देवांशी श्रीवास्तव चतुर्वेदी ".repeat(6)}${i}`;

const tried = kinds.filter(({ version, transport }) => version !== "3.x" && transport !== "upgrade");

/** Asks for today's attendance. Resolves with the event's data and the acknowledgement. */
async function fetchAttendance(client) {
  const question = { classId, date: new Date().toISOString(), sessionType };
  const reply = within(
    2 * DEADLINE,
    "the answer arrives",
    new Promise((resolve, reject) => {
      client.socket.on("disconnect", (reason) => reject(new Error(`disconnected: ${reason}`)));
      client.socket.emit("fetchAttendance", question, resolve);
    }),
  );
  return [await client.next("attendanceData"), await reply];
}

function complete(answer) {
  assert.equal(answer.message, `${students} records`);
  assert.equal(answer.data.records.length, students);
  assert.equal(answer.data.records.find(({ studentId }) => studentId === students - 1).studentName, name(students - 1));
}

function refused(answer) {
  assert.equal(answer.success, false);
  assert.equal(answer.message, "There are too many records for one answer; export the session instead");
}

for (const { what, settings, check, log } of [
  { what: "is sent", settings: {}, check: complete, log: /^$/ },
  { what: "is refused in a sentence", settings: { SEND_QUEUE_BYTES: "1000000" }, check: refused, log: /an answer is too large to be sent.* bytes=\d+/ },
]) {
  describe(`an answer with ${students} students ${what}`, { concurrency: 1 }, () => {
    let server;
    before(async () => {
      server = await Server.start({ ...settings, LOG_LEVEL: "warn" });
      await post(server, "/api/classes", { id: classId, name: "Large" });
      for (let first = 0; first < students; first += perRequest) {
        const list = Array.from({ length: perRequest }, (_, i) => ({ id: first + i, name: name(first + i) }));
        await post(server, `/api/classes/${classId}/roster`, { students: list });
      }
      await post(server, `/api/classes/${classId}/sessions`, { sessionType });
      server.forget();
    });
    after(() => server?.remove());

    for (const kind of tried) {
      test(`${kind.version} over ${kind.transport}`, async (t) => {
        const client = await Client.connect(server, kind);
        t.after(() => client.close());
        client.emit("identify", { userId: teacherId, role: "teacher" });
        let answers = await fetchAttendance(client);
        while (answers[1].reason === "too_slow") answers = await fetchAttendance(client); // on a busy machine
        for (const answer of answers) check(answer);
        assert.equal((await client.ask("joinClass", { userId: teacherId, classId })).success, true, "the connection lives on");
      });
    }

    test("the log", () => assert.match(server.log.replace(/^.*not done in time.*\n/gm, "").trim(), log));
  });
}

async function post(server, path, body) {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-User": teacherId },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `POST ${path}: ${response.status} ${await response.text()}`);
}
