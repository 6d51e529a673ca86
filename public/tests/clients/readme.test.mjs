// README.md and docs/settings.md agree with the code: the settings, the events, and the client that README.md shows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { io } from "socket.io-client";
import { Client } from "./client.mjs";
import { block, read, table } from "./document.mjs";
import { Server } from "./server.mjs";

test("docs/settings.md has every setting of .env.example with its default", () => {
  const example = [...read(".env.example").matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
  const documented = table("docs/settings.md", "Setting").map(([name, value]) => [name, value]);
  assert.deepEqual(documented, example);
});

const protocol = JSON.parse(read("public/src/protocol.json"));
for (const [side, number] of [["client", 1], ["server", 2]]) {
  test(`README's events of the ${side} have the protocol's keys`, () => {
    const keysOf = ({ example, optional }) => `{ ${Object.keys(example).map((key) => (optional.includes(key) ? `${key}?` : key)).join(", ")} }`;
    const sorted = (data) => data.match(/[\w?]+/g).toSorted();
    const expected = Object.entries(protocol[side]).map(([event, entry]) => [event, sorted(keysOf(entry))]);
    assert.deepEqual(table("README.md", "Event", number).map(([event, data]) => [event, sorted(data)]), expected);
  });
}

test("README names every alias", () => {
  const text = read("README.md");
  for (const { aliases } of Object.values(protocol.client)) for (const alias of aliases) assert.ok(text.includes(`\`${alias}\``), alias);
});

test("README.md has at most 220 lines", () => assert.ok(read("README.md").trimEnd().split("\n").length <= 220));

test("README's client marks its student in the demo class", async (t) => {
  const server = await Server.start({ DEMO: "true" });
  t.after(() => server.remove());
  const teacher = await Client.connect(server);
  t.after(() => teacher.close());
  teacher.emit("identify", { userId: "teacher-1", role: "teacher" });
  await teacher.ask("joinClass", { userId: "teacher-1", classId: "demo" });

  const printed = [];
  const sockets = [];
  const connect = (url, options) => {
    assert.equal(url, "http://localhost:5014");
    sockets.push(io(server.url, options));
    return sockets[0];
  };
  t.after(() => sockets.forEach((socket) => socket.close()));
  const code = block("README.md", "Connect an app", "js").replace(/^import .*\n/, "");
  const done = new Promise((resolve) => {
    const console = { log: (...words) => printed.push(words.join(" ")) === 2 && resolve(), error: assert.fail };
    new Function("io", "console", code)(connect, console);
  });
  await teacher.next("userJoined", { userId: "student-1" });
  teacher.emit("initiateAttendance", { classId: "demo", teacherId: "teacher-1", sessionType: "lecture" });
  const { studentName, status } = await teacher.next("attendanceUpdate");
  assert.deepEqual([studentName, status], ["Asha Rao", "present"]);
  await done;
  assert.deepEqual(printed.toSorted(), ["Asha Rao present", "Recorded as present"]);
});
