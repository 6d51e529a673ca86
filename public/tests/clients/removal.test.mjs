// Who is removed from a class receives nothing more of it, at once, with every client version. The others are told who has left.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { settled } from "./client.mjs";
import { Server } from "./server.mjs";
import { SignedClass } from "./signedclass.mjs";
import { secret } from "./token.mjs";

const everybody = ["asha", "gita", "registrar", "chen", "divya", "hugo"];

// How people are removed: a title, who asks, with which request, and who is removed. Paths are below the class's own, unless they begin
// with a slash.
const removals = [
  ["a student is removed", "asha", (it) => ["DELETE", `roster/${it.id("chen")}`], ["chen"]],
  ["an administrator removes a student", "registrar", (it) => ["DELETE", `roster/${it.id("divya")}`], ["divya"]],
  ["the roster is replaced", "gita", (it) => ["PUT", "roster", { students: [{ id: it.id("divya") }] }], ["chen", "hugo"]],
  ["a roster is imported", "asha", (it) => ["POST", "roster/import?replace=true", `id,name\n${it.id("hugo")},Hugo\n`], ["chen", "divya"]],
  ["a student is erased", "registrar", (it) => ["DELETE", `/students/${it.id("hugo")}`], ["hugo"]],
  ["a teacher is removed", "asha", (it) => ["DELETE", `teachers/${it.id("gita")}`], ["gita"]],
  ["the class is deleted", "asha", () => ["DELETE", "?marks=delete", { name: "Mathematics" }], everybody],
];

describe("a removal", { concurrency: 2 }, () => {
  let server;
  before(async () => {
    server = await Server.start({ JWT_SECRET: secret });
  });
  after(() => server?.remove());

  for (const [index, [title, asker, request, removed]] of removals.entries()) {
    test(`takes effect at once when ${title}`, async (t) => {
      const it = await SignedClass.create(server, `removal-${index}`);
      t.after(() => it.close());
      await it.enter(...everybody);
      const { clients } = it;
      await it.start("asha", "lecture");
      await it.end("asha", "lecture"); // a class with an active session cannot be deleted
      await settled(...Object.values(clients));
      for (const client of Object.values(clients)) client.unread = [];

      const [method, path, body] = request(it);
      await it.rest(asker, method, path.startsWith("/") ? path : `/classes/${it.classId}/${path}`.replace("/?", "?"), body);
      for (const name of removed) assert.deepEqual(await clients[name].next("class:error"), { message: "You are no longer in this class" });
      const staying = everybody.filter((name) => !removed.includes(name));
      for (const name of staying) {
        for (const gone of removed) await clients[name].next("userLeft", { userId: it.id(gone) });
      }

      if (staying.length > 0) await changeSomething(it, staying);
      for (const name of removed) await isOut(it, name);

      // After a lost connection the client identifies and nothing else, as the existing frontend does.
      for (const name of removed) {
        await it.cut(name);
        assert.equal((await it.identify(name)).success, true);
      }
      if (staying.length > 0) await changeSomething(it, staying);
      for (const name of removed) await isOut(it, name);
    });
  }

  /** Starts a session of another type and ends it, of which those who stay are told. */
  async function changeSomething(it, staying) {
    assert.equal((await it.start("registrar", "lab")).success, true);
    assert.equal((await it.end("registrar", "lab")).success, true);
    for (const name of staying) {
      await it.clients[name].next("attendanceStarted", { sessionType: "lab" });
      await it.clients[name].next("attendanceEnded", { sessionType: "lab" });
    }
  }

  /** They were sent nothing, are still connected, and cannot come back. */
  async function isOut(it, name) {
    await settled(it.clients[name]);
    assert.deepEqual(it.clients[name].unread, [], name);
    assert.equal((await it.join(name)).message, "Class not found");
    await it.clients[name].next("class:error");
  }
});
