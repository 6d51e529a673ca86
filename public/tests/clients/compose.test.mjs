// deploy/compose.yaml, without containers: its nodes and its nginx are started with the settings and the configuration that it has, its
// database and its Redis as on the machine of the test. Only addresses are replaced.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { load } from "js-yaml";
import { Client, kinds } from "./client.mjs";
import { read } from "./document.mjs";
import { MariaDB } from "./mariadb.mjs";
import { until } from "./process.mjs";
import { startNginx } from "./proxy.mjs";
import { Redis } from "./redis.mjs";
import { Server } from "./server.mjs";
import { secret, token } from "./token.mjs";

const variables = { DATABASE_PASSWORD: "a-password", JWT_SECRET: secret };

/** A value of compose.yaml as Compose reads it: $$ is a $, and ${NAME} or ${NAME:?why} a variable. */
function interpolated(text) {
  return text.replace(/\$\$|\$\{(\w+)(:\?[^}]*)?\}/g, (found, name) => {
    if (found === "$$") return "$";
    assert.ok(name in variables, `compose.yaml asks for ${name}`);
    return variables[name];
  });
}

const compose = load(read("deploy/compose.yaml"));
const names = ["node-a", "node-b", "node-c"];
const addressOf = (service) => compose.services[service].networks.campus.ipv4_address;

/** Text with the addresses of services replaced: a list of the service, its port, and the host and port that stand for it. */
function replaced(text, addresses) {
  return addresses.reduce((before, [service, port, to]) => before.replaceAll(`${addressOf(service)}:${port}`, to), text);
}

test("compose.yaml sets only settings of the server", () => {
  const settings = new Set([...read(".env.example").matchAll(/^(\w+)=/gm)].map(([, name]) => name));
  for (const name of names) assert.deepEqual(Object.keys(compose.services[name].environment).filter((setting) => !settings.has(setting)), []);
});

test("compose.yaml gives each service an address of its own", () => {
  const addresses = Object.keys(compose.services).map(addressOf);
  assert.equal(new Set(addresses).size, addresses.length);
});

test("compose.yaml gives nginx the configuration of these nodes", () => {
  const file = (name) => read(`deploy/${compose.configs[name].file}`);
  assert.deepEqual([...new Set(file("nodes").match(/[\d.]+:5014/g))].sort(), names.map((name) => `${addressOf(name)}:5014`));
  assert.match(file("site"), /listen 443 ssl;\n/);
  assert.equal(compose.services["node-a"].environment.TRUSTED_PROXIES, addressOf("nginx"));
});

describe("what compose.yaml starts", () => {
  const parts = [];
  let balancer;
  before(async () => {
    const [mariadb, redis] = await Promise.all([MariaDB.start(compose.services.database.command), Redis.start()]);
    parts.push(mariadb, redis);
    const { MARIADB_DATABASE, MARIADB_USER, MARIADB_PASSWORD } = compose.services.database.environment;
    await mariadb.execute(`CREATE DATABASE ${MARIADB_DATABASE}; CREATE USER ${MARIADB_USER}@'%' IDENTIFIED BY '${interpolated(MARIADB_PASSWORD)}';
      GRANT ALL ON ${MARIADB_DATABASE}.* TO ${MARIADB_USER}@'%'`);
    const addresses = [["database", 3306, `127.0.0.1:${mariadb.port}`], ["redis", 6379, `127.0.0.1:${redis.port}`]];
    const nodes = await Promise.all(names.map((name) => {
      const settings = Object.entries(compose.services[name].environment);
      return Server.start(Object.fromEntries(settings.map(([setting, value]) => [setting, replaced(interpolated(value), addresses)])));
    }));
    parts.unshift(...nodes);
    balancer = await startNginx(...nodes);
    parts.unshift(balancer);
    for (const node of nodes) {
      await until("a node works, with Redis", async () => (await (await fetch(`${node.url}/readyz`)).json()).status === "ready");
    }
  });
  after(async () => {
    for (const part of parts) await part.remove();
  });

  async function api(path, body) {
    const response = await fetch(balancer.url + path, {
      method: "POST",
      headers: { Authorization: `Bearer ${token({ sub: "teacher", role: "teacher" })}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, `${path}: ${response.status} ${await response.text()}`);
  }

  async function enter(t, role, kind) {
    const client = await Client.connect(balancer, { query: { token: token({ sub: role, role }) }, ...kind });
    t.after(() => client.close());
    const answer = await client.ask("joinClass", { userId: role, classId: "campus" });
    assert.equal(answer.success, true, answer.message);
    return client;
  }

  const nodeOf = ({ socket }) => socket.io.engine.id.split(".")[0];

  test("shows clients of all nodes the same", async (t) => {
    await api("/api/classes", { id: "campus", name: "Campus" });
    await api("/api/classes/campus/roster", { students: [{ id: "student", name: "Student" }] });
    const teacher = await enter(t, "teacher", {});
    const students = [];
    for (const kind of kinds) students.push(await enter(t, "student", kind));
    assert.deepEqual([...new Set(students.map(nodeOf))].sort(), ["a", "b", "c"]);
    const session = { classId: "campus", sessionType: "lecture" };
    assert.equal((await teacher.ask("initiateAttendance", { ...session, teacherId: "teacher" })).success, true);
    for (const student of students) await student.next("attendanceStarted", session);
    const mark = { ...session, studentId: "student", studentName: "Student", status: "present" };
    assert.equal((await students[0].ask("attendanceMarked", mark)).success, true);
    for (const client of [teacher, ...students]) await client.next("attendanceUpdate", mark);
  });
});
