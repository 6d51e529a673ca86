// A client that comes back asks for what has changed meanwhile, and is sent little.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import { Client, versionKinds } from "./client.mjs";
import { Server } from "./server.mjs";

const BEGINNING = "1970-01-01T00:00:00.000Z";

describe("fetchAttendance with since", () => {
  let server;
  const classId = "large";
  const session = { classId, sessionType: "lecture" };
  const date = new Date().toISOString();
  const rest = (method, path, body) =>
    fetch(`${server.url}/api${path}`, { method, headers: { "X-User": "teacher-1", "Content-Type": "application/json" }, body: JSON.stringify(body) })
      .then(async (answer) => assert.ok(answer.ok, await answer.text()));
  const ids = Array.from({ length: 1000 }, (_, i) => `student-${String(i).padStart(4, "0")}`);
  const mark = (studentId, status) => rest("POST", `/classes/${classId}/marks`, { sessionType: "lecture", studentId, status });

  before(async () => {
    server = await Server.start();
    await rest("POST", "/classes", { id: classId, name: "Large" });
    await rest("PUT", `/classes/${classId}/roster`, { students: ids.map((id, i) => ({ id, name: `Student Number ${i}` })) });
    await rest("POST", `/classes/${classId}/sessions`, { sessionType: "lecture" });
  });
  after(() => server?.remove());

  async function student(kind, userId = ids[0]) {
    const client = await Client.connect(server, kind);
    await client.ask("identify", { userId, role: "student" });
    await client.ask("joinClass", { userId, classId });
    return client;
  }

  test("a reconnect into a class of 1000 with 10 changes costs at most 2 kB", async () => {
    const first = await student({ version: "4.x", transport: "websocket" }, ids[1]);
    const { until } = await first.ask("fetchAttendance", { ...session, date, since: BEGINNING });
    first.close();
    for (const id of ids.slice(10, 20)) await mark(id, "present");

    // All Socket.IO packets of the new connection. The opening of the connection is the same whatever comes afterwards: about 250 bytes.
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    let bytes = 0;
    const arrived = [];
    let wake = () => {};
    socket.onmessage = ({ data: frame }) => {
      const data = String(frame);
      if (data.startsWith("4")) bytes += Buffer.byteLength(data) + 4; // a frame's header has up to 4
      arrived.push(data);
      wake();
    };
    const next = async (wanted) => {
      while (!arrived.some(wanted)) await new Promise((resolve) => (wake = resolve));
      return arrived.find(wanted);
    };
    await next((data) => data.startsWith("0"));
    socket.send("40");
    await next((data) => data.startsWith("40"));
    socket.send(`42["identify",{"userId":"${ids[1]}","role":"student"}]`);
    socket.send(`421["fetchAttendance",${JSON.stringify({ ...session, date, since: until })}]`);
    const answer = await next((data) => data.startsWith("431"));
    const [{ data, since }] = JSON.parse(answer.slice(3));
    assert.equal(since, until);
    assert.deepEqual(data.records.map(({ studentId }) => studentId), ids.slice(10, 20));
    assert.ok(bytes <= 2000, `${bytes} bytes: ${arrived.map((frame) => `${frame.length} ${frame.slice(0, 60)}`).join("\n")}`);
    socket.close();
  });

  for (const kind of versionKinds) {
    test(`${kind.version} over ${kind.transport} goes on where its last answer ended`, async (t) => {
      const client = await student(kind);
      t.after(() => client.close());
      const everything = await client.ask("fetchAttendance", { ...session, date, since: BEGINNING });
      assert.deepEqual({ since: everything.since, records: everything.data.records.length }, { since: null, records: 1000 });
      assert.deepEqual((await client.next("attendanceData")).until, everything.until); // a long one
      const nothing = await client.ask("fetchAttendance", { ...session, date, since: everything.until });
      assert.deepEqual(nothing.data, { active: "active", records: [] });
      await mark(ids[500], kind.version === "3.x" ? "late" : "present");
      const one = await client.ask("fetchAttendance", { ...session, date, since: nothing.until });
      assert.deepEqual(one.data.records.map(({ studentId }) => studentId), [ids[500]]);
      assert.ok(!client.unread.some(({ event }) => event === "attendanceData"), "the answer was sent twice");

      client.emit("fetchAttendance", { ...session, date, since: nothing.until });
      assert.deepEqual((await client.next("attendanceData")).data.records, one.data.records);
      const refused = await client.ask("fetchAttendance", { ...session, date, since: "yesterday" });
      assert.deepEqual({ success: refused.success, reason: refused.reason }, { success: false, reason: "invalid_since" });
    });
  }

  test("without since, the answer has the keys that it always had", async (t) => {
    const client = await student(versionKinds[2]);
    t.after(() => client.close());
    const answer = await client.ask("fetchAttendance", { ...session, date });
    assert.deepEqual(Object.keys(answer), ["success", "exists", "classId", "date", "sessionType", "message", "data"]);
    assert.deepEqual(await client.next("attendanceData"), answer);
  });
});
