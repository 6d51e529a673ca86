// Malformed events get the documented error, and the connection stays.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, versionKinds } from "./client.mjs";
import { Server } from "./server.mjs";

const id = "room-1";
const session = { classId: id, sessionType: "lecture" };

// Every client event with a payload that could be right, and the event in which its refusal comes.
const events = {
  identify: { valid: { userId: id, role: "teacher" }, refusal: "attendance:error" },
  joinClass: { valid: { userId: id, classId: id }, refusal: "class:error" },
  leaveClass: { valid: { userId: id, classId: id }, refusal: "class:error" },
  initiateAttendance: { valid: { ...session, teacherId: id, frequency: 18_000 }, refusal: "attendance:error" },
  endAttendance: { valid: { ...session, teacherId: id }, refusal: "attendance:error" },
  attendanceMarked: { valid: { ...session, studentId: id, studentName: "S", status: "late" }, refusal: "attendance:error" },
  fetchAttendance: { valid: { ...session, date: "2026-01-31" }, refusal: "attendanceData" },
};
const aliases = {
  "teacher:startAttendance": "initiateAttendance",
  "teacher:endAttendance": "endAttendance",
  "student:markAttendance": "attendanceMarked",
  "student:joinClass": "joinClass",
  "student:leaveClass": "leaveClass",
};
for (const [alias, event] of Object.entries(aliases)) events[alias] = events[event];

function* badArguments(valid) {
  yield ["no argument", []];
  yield ["null", [null]];
  yield ["a number", [42]];
  yield ["a string", ["{}"]];
  yield ["true", [true]];
  yield ["an array", [[valid]]];
  yield ["an empty object", [{}]];
  yield ["bytes", [Buffer.from([1, 2, 3])]];
  for (const key of Object.keys(valid)) {
    for (const wrong of [{}, [[]], true]) yield [`${key}: ${JSON.stringify(wrong)}`, [{ ...valid, [key]: wrong }]];
    if (key.endsWith("Id")) {
      for (const wrong of ["", "x".repeat(65), "🎓".repeat(65), 1.5, "a\u0000b"]) {
        yield [`${key}: ${JSON.stringify(wrong)}`, [{ ...valid, [key]: wrong }]];
      }
    }
  }
  if ("sessionType" in valid) yield ["sessionType with a blank", [{ ...valid, sessionType: "two words" }]];
  if ("status" in valid) yield ["an unknown status", [{ ...valid, status: "asleep" }]];
  if ("role" in valid) yield ["an unknown role", [{ ...valid, role: "admin" }]];
  if ("date" in valid) yield ["no date", [{ ...valid, date: "2026-02-30" }]];
  if ("frequency" in valid) {
    for (const frequency of [0, -1, 24_001, "18000", [], Array(17).fill(18_000), [18_000, null]]) {
      yield [`frequency: ${JSON.stringify(frequency)}`, [{ ...valid, frequency }]];
    }
  }
}

describe("a refused event", { concurrency: 3 }, () => {
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.remove());

  for (const kind of versionKinds) {
    for (const [event, { valid, refusal }] of Object.entries(events)) {
      test(`${event} from ${kind.version} over ${kind.transport} gets ${refusal} for any wrong argument`, async (t) => {
        const client = await Client.connect(server, kind);
        t.after(() => client.close());
        const lost = [];
        client.socket.on("disconnect", (reason) => lost.push(reason));
        for (const [what, args] of badArguments(valid)) {
          const answer = await client.ask(event, ...args);
          assert.equal(answer?.success, false, what);
          assert.match(answer.message, /^\S.{5,199}$/, what);
          assert.doesNotMatch(answer.message, /json|unmarshal|struct|internal/i, what);
          const error = await client.next(refusal);
          if (refusal === "attendanceData") assert.equal(error.success, false, what);
          else assert.deepEqual(error, { message: answer.message }, what);

          // Without a callback it is the same.
          client.emit(event, ...args);
          assert.equal((await client.next(refusal)).message, error.message, what);
        }
        const { message } = await client.ask(event, {});
        assert.match(message, /^Missing required parameters: /);
        await client.next(refusal);
        assert.deepEqual(client.unread, []);
        assert.deepEqual(lost, []);
      });
    }
  }

  test("an unknown event is ignored, an id of 64 characters is taken", async (t) => {
    const client = await Client.connect(server);
    t.after(() => client.close());
    client.emit("no such event", { any: "thing" });
    for (const classId of ["x".repeat(64), "🎓".repeat(64), 0, -5, Number.MAX_SAFE_INTEGER]) {
      assert.equal((await client.ask("joinClass", { userId: "s", classId })).success, true, String(classId));
    }
    await client.roundTrip();
    assert.deepEqual(client.unread, []);
  });
});

test("a flooding client is refused, then closed, others are not", async (t) => {
  const server = await Server.start({ EVENT_RATE: "5", EVENT_BURST: "10" });
  t.after(() => server.remove());
  const [flooder, other] = await Promise.all([Client.connect(server, { reconnection: false }), Client.connect(server)]);
  t.after(() => [flooder, other].forEach((client) => client.close()));
  const flood = (count) => {
    for (let sent = 0; sent < count; sent++) flooder.emit("leaveClass", { userId: "f", classId: "f" });
  };
  flood(4_500); // 4,096 may wait
  assert.match((await flooder.next("attendance:error")).message, /too many/i);
  const closed = flooder.disconnected();
  flood(18_000);
  await closed;
  await other.roundTrip();
});

test("a message over MAX_PAYLOAD closes only its own connection", async (t) => {
  const server = await Server.start({ MAX_PAYLOAD: "100000" });
  t.after(() => server.remove());
  const clients = ["websocket", "polling"].map((transport) => Client.connect(server, { transport, reconnection: false }));
  const [webSocket, polling, other] = await Promise.all([...clients, Client.connect(server)]);
  t.after(() => [webSocket, polling, other].forEach((client) => client.close()));
  for (const client of [webSocket, polling]) {
    const closed = client.disconnected();
    client.emit("joinClass", { userId: "s", classId: "x".repeat(100_000) });
    await closed;
  }
  await other.roundTrip();
});
