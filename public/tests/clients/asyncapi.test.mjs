// What goes over the wire is what /api/asyncapi.json says.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { Client } from "./client.mjs";
import { playLesson } from "./lesson.mjs";
import { serversOfBothModes } from "./server.mjs";
import { token } from "./token.mjs";

describe("the AsyncAPI document", () => {
  const servers = serversOfBothModes();
  let document, schemas;

  before(async () => {
    document = await fetch(`${servers.open.url}/api/asyncapi.json`).then((answer) => answer.json());
    schemas = addFormats(new Ajv({ strict: false, allErrors: true })).addSchema(document, "asyncapi");
  });

  const pointer = (ref) => `asyncapi${ref}`;

  /** Checks a payload against the message of the channel with this name. */
  function check(message, payload) {
    const named = document.channels.attendance.messages[message];
    assert.ok(named, `the document has no message ${message}`);
    const validate = schemas.getSchema(`${pointer(named.$ref)}/payload`);
    assert.ok(validate(payload), `${message} ${JSON.stringify(payload)}: ${schemas.errorsText(validate.errors)}`);
  }

  /** The name of the reply that an event got. */
  function replyOf(event, done) {
    const operation = Object.values(document.operations).find(({ action, messages }) => action === "receive" && messages.some(({ $ref }) => $ref.endsWith(`/${event}`)));
    const names = operation.reply.messages.map(({ $ref }) => $ref.split("/").at(-1));
    return names.find((name) => name.endsWith(".done") === done);
  }

  const four = { version: "4.x", transport: "websocket" };
  const two = { version: "2.x", transport: "polling" };
  for (const [teacher, student] of [[four, two], [two, four], [{ version: "3.x", transport: "upgrade" }, four]]) {
    for (const callbacks of [false, true]) {
      test(`describes every frame of a lesson with teacher ${teacher.version} and student ${student.version}${callbacks ? ", all acknowledged" : ""}`, async () => {
        const met = new Set();
        await playLesson(servers.open, { teacher, student }, ({ direction, event, data }) => {
          const message = direction === "callback" ? replyOf(event, data.success) : event;
          check(message, data);
          met.add(message);
        }, { callbacks });
        for (const event of ["userJoined", "attendanceStarted", "attendanceUpdate", "attendanceData", "attendanceEnded", "attendance:error", "userLeft"]) {
          assert.ok(met.has(event) || callbacks, `${event} was not met`);
        }
      });
    }
  }

  test("describes a refused connection", async (t) => {
    const past = Math.floor(Date.now() / 1000) - 3_600;
    const client = new Client(servers.signed, { auth: { token: token({ sub: "teacher", role: "teacher", exp: past }) }, reconnection: false });
    t.after(() => client.close());
    const { message, data } = await client.refused();
    check("connect_error", { message, data });
    assert.deepEqual({ message, data }, document.components.messages.connect_error.examples[0].payload);
  });

  for (const [what, message, payload] of [
    ["a key that an event does not have", "attendanceEnded", { classId: "a", sessionType: "lab", timestamp: "2026-03-02T09:00:00.000Z", message: "over", more: 1 }],
    ["a status that does not exist", "attendanceMarked", { classId: "a", studentId: 1, sessionType: "lab", status: "asleep" }],
    ["a reason that does not exist", "refused", { success: false, message: "No", reason: "because" }],
    ["an event without a key that it must have", "joinClass", { userId: "a" }],
  ]) {
    test(`refuses ${what}`, () => assert.throws(() => check(message, payload), /must/));
  }
});
