// Behind nginx, with the configuration in deploy/.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, kinds, nothingElse, settled } from "./client.mjs";
import { until } from "./process.mjs";
import { startNginx } from "./proxy.mjs";
import { Server } from "./server.mjs";

describe("behind nginx", () => {
  let server, nginx;
  before(async () => {
    server = await Server.start();
    nginx = await startNginx(server);
  });
  after(async () => {
    await nginx?.remove();
    await server?.remove();
  });

  test("every client receives events, also after a restart", async (t) => {
    const classId = "proxied";
    const session = { classId, sessionType: "lecture" };
    const members = await Promise.all(
      [{ role: "teacher", kind: {} }, ...kinds.map((kind) => ({ role: "student", kind }))].map(async ({ role, kind }, index) => {
        const client = new Client(nginx, kind);
        t.after(() => client.close());
        // Connected, identified and joined, as after each reconnect.
        client.entered = new Promise((resolve) => {
          client.socket.on("connect", () => {
            client.emit("identify", { userId: index, role });
            client.emit("joinClass", { userId: index, classId }, resolve);
          });
        });
        await client.connected();
        assert.equal((await client.entered).success, true);
        return client;
      }),
    );
    const [teacher] = members;
    assert.equal((await teacher.ask("initiateAttendance", { ...session, teacherId: 0 })).success, true);
    for (const member of members) await member.next("attendanceStarted");

    const everybodySees = async (studentId) => {
      await settled(...members);
      for (const member of members) member.unread = [];
      members[studentId].emit("attendanceMarked", { ...session, studentId, studentName: "बो", status: "present" });
      for (const member of members) assert.equal((await member.next("attendanceUpdate")).studentId, studentId);
    };
    await everybodySees(1);
    await nothingElse(...members);

    await server.stop();
    await server.start();
    for (const member of members) await member.next("attendanceStarted");
    await everybodySees(2);
  });

  test("the page's own origin is allowed, another site's is not", async (t) => {
    const page = await fetch(nginx.url);
    assert.equal(page.status, 200);
    for (const transport of ["websocket", "polling"]) {
      const own = await Client.connect(nginx, { transport, extraHeaders: { Origin: nginx.url } });
      t.after(() => own.close());
      const other = new Client(nginx, { transport, reconnection: false, extraHeaders: { Origin: "https://elsewhere.example" } });
      t.after(() => other.close());
      await other.refused();
    }
  });

  test("its log has neither tokens nor session ids, however clients connect", async () => {
    for (const kind of kinds) {
      const client = await Client.connect(nginx, { ...kind, query: { token: "a-token-in-the-query" } });
      client.close();
    }
    // A WebSocket is logged when it has ended.
    const sockets = kinds.filter(({ transport }) => transport !== "polling").length;
    await until("all requests are logged", async () => (await nginx.log()).match(/"GET \/socket\.io\/" 101 /g)?.length >= sockets);
    assert.doesNotMatch(await nginx.log(), /a-token-in-the-query|sid=|\?/);
  });
});
