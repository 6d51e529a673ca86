// The official Redis emitter, as another back end uses it, sends events to the clients of two nodes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Emitter } from "@socket.io/redis-emitter";
import { createClient } from "redis";
import { Client, kinds } from "./client.mjs";
import { MariaDB } from "./mariadb.mjs";
import { until } from "./process.mjs";
import { Redis } from "./redis.mjs";
import { Server } from "./server.mjs";

describe("the official Redis emitter", () => {
  let database, redis, publisher, emitter, nodes, clients;
  before(async () => {
    [database, redis] = await Promise.all([MariaDB.start(), Redis.start()]);
    const shared = { CLUSTER: "true", DATABASE_DSN: await database.create(), REDIS_URL: redis.url, REDIS_EMITTER: "true" };
    nodes = await Promise.all(["a", "b"].map((NODE_NAME) => Server.start({ ...shared, NODE_NAME })));
    await until("the nodes use Redis", async () => (await Promise.all(nodes.map(status))).every((s) => s === "ready"));
    publisher = createClient({ url: redis.url });
    await publisher.connect();
    emitter = new Emitter(publisher);
    clients = await Promise.all(nodes.flatMap((node) => kinds.map((kind) => enter(node, kind))));
  });
  after(async () => {
    clients?.forEach((client) => client.close());
    publisher?.destroy();
    await Promise.all(nodes?.map((node) => node.remove()) ?? []);
    await Promise.all([database?.remove(), redis?.remove()]);
  });

  let users = 0;
  const enter = async (node, kind) => {
    const client = await Client.connect(node, kind);
    const userId = `student-${++users}`;
    await client.ask("identify", { userId, role: "student" });
    for (const classId of ["Math", "Physics"]) await client.ask("joinClass", { userId, classId });
    return client;
  };

  /** Emits, and returns what every client got of it: the emits of one emitter arrive in their order. */
  let rounds = 0;
  const received = async (emit) => {
    const round = ++rounds;
    emit();
    emitter.to("class:Math").emit("end", { round });
    await Promise.all(clients.map((client) => client.next("end", { round })));
    return clients.map((client) => client.unread.splice(0).filter(({ event }) => event !== "userJoined"));
  };

  test("reaches every client in a class once, whatever its node, version and transport", async () => {
    const notice = { classId: "Math", text: "Räume", at: new Date(0), none: null };
    const sent = JSON.parse(JSON.stringify(notice));
    for (const events of await received(() => emitter.to("class:Math").emit("notice", notice))) {
      assert.deepEqual(events, [{ event: "notice", data: sent }]);
    }
  });

  test("reaches a client in two classes once", async () => {
    for (const events of await received(() => emitter.to(["class:Math", "class:Physics"]).emit("notice", 1))) {
      assert.deepEqual(events, [{ event: "notice", data: 1 }]);
    }
  });

  test("reaches clients with binary values", async () => {
    for (const events of await received(() => emitter.to("class:Math").emit("file", { content: Buffer.from("abc") }))) {
      assert.deepEqual(events.map(({ event, data }) => [event, Buffer.from(data.content).toString()]), [["file", "abc"]]);
    }
  });

  // Students of a class with visibility own get what is emitted, except what tells of others. A new event is one line.
  for (const [event, reached] of [
    ["notice", ["teacher", "student"]],
    ["attendanceStarted", ["teacher", "student"]],
    ["attendanceEnded", ["teacher", "student"]],
    ["attendanceUpdate", ["teacher"]],
    ["userJoined", ["teacher"]],
    ["userLeft", ["teacher"]],
    ["attendance:flag", ["teacher"]],
  ]) {
    test(`${event} in a class with visibility own reaches ${reached.join(" and ")}`, async (t) => {
      const classId = `own ${event}`;
      const teacher = await Client.connect(nodes[0]);
      t.after(() => teacher.close());
      await teacher.ask("identify", { userId: "teacher", role: "teacher" });
      await teacher.ask("joinClass", { userId: "teacher", classId });
      const changed = await fetch(`${nodes[0].url}/api/classes/${encodeURIComponent(classId)}`, {
        method: "PATCH", headers: { "X-User": "teacher", "Content-Type": "application/json" }, body: JSON.stringify({ visibility: "own" }),
      });
      assert.equal(changed.status, 200);
      const students = await Promise.all(nodes.map(async (node) => {
        const student = await Client.connect(node);
        t.after(() => student.close());
        const userId = `student-${++users}`;
        await student.ask("identify", { userId, role: "student" });
        await student.ask("joinClass", { userId, classId });
        return student;
      }));
      const room = emitter.to(`class:${classId}`);
      room.emit(event, { emitted: true });
      room.emit("end", {});
      for (const client of [teacher, ...students]) {
        await client.next("end");
        const got = client.unread.filter(({ event: name, data }) => name === event && data.emitted).length;
        assert.equal(got, reached.includes(client === teacher ? "teacher" : "student") ? 1 : 0);
      }
    });
  }

  for (const [name, emit] of Object.entries({
    "a room of no class": () => emitter.to("staff").emit("notice", 1),
    "no room": () => emitter.emit("notice", 1),
    "a class's room except another": () => emitter.to("class:Math").except("class:Physics").emit("notice", 1),
    "a class that nobody is in": () => emitter.to("class:Art").emit("notice", 1),
    "another namespace": () => emitter.of("/admin").to("class:Math").emit("notice", 1),
    "joining a room": () => emitter.socketsJoin("class:Art"),
    "leaving a room": () => emitter.in("class:Math").socketsLeave("class:Math"),
    "disconnecting clients": () => emitter.disconnectSockets(true),
    "an event for the servers": () => emitter.serverSideEmit("notice", 1),
    "what is no message of an emitter": () => void publisher.publish("socket.io#/#class:Math#", Buffer.from([0x93, 0xdd, 0xff, 0xff, 0xff, 0xff])),
  })) {
    test(`reaches nobody with ${name}`, async () => {
      for (const events of await received(emit)) assert.deepEqual(events, []);
    });
  }

  test("is counted where it is ignored", async () => {
    for (const node of nodes) {
      const { ignoredEmits } = await (await fetch(`${node.url}/healthz`)).json();
      assert.equal(ignoredEmits, 8);
    }
  });
});

const status = async (node) => (await (await fetch(`${node.url}/readyz`)).json()).status;
