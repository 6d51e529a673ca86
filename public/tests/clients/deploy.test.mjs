// A restart under load: behind nginx and without it, with a socket that the service manager keeps open, and of the nodes of a cluster.
import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, describe, test } from "node:test";
import { Client, kinds } from "./client.mjs";
import { MariaDB } from "./mariadb.mjs";
import { DEADLINE, within } from "./process.mjs";
import { startNginx } from "./proxy.mjs";
import { Server } from "./server.mjs";
import { Service } from "./service.mjs";

/** How long a client waits for an answer before it sends a mark again, in ms. */
const PATIENCE = 5_000;

const session = { classId: "deploy", sessionType: "lecture" };

/** A student who joins after each connect and marks again and again, as a client with retries does: each mark until it is confirmed. */
class Student {
  confirmed = 0;
  unanswered = 0;
  returns = []; // ms from each loss of the connection to being in the class again
  #stopped = false;

  constructor(entrance, kind, userId) {
    this.userId = userId;
    this.client = new Client(entrance, { reconnectionAttempts: 5, ...kind }); // as the existing frontend
    const { socket } = this.client;
    socket.on("disconnect", () => (this.lostAt ??= performance.now()));
    socket.on("connect", () => {
      this.client.emit("identify", { userId, role: "student" });
      this.client.emit("joinClass", { userId, classId: session.classId }, ({ success }) => success && this.#entered());
    });
  }

  #entered() {
    if (this.lostAt) this.returns.push(performance.now() - this.lostAt);
    this.lostAt = undefined;
  }

  get in() {
    return this.client.socket.connected && !this.lostAt;
  }

  async work() {
    const { socket } = this.client;
    let open = false; // whether a mark was sent that is not confirmed
    while (!this.#stopped || open) {
      const status = this.confirmed % 2 ? "late" : "present";
      const lost = new Promise((resolve) => socket.once("disconnect", () => resolve(undefined)));
      const mark = { ...session, studentId: this.userId, studentName: this.userId, status };
      await new Promise((resolve) => setTimeout(resolve, 20));
      const waited = new Promise((resolve) => setTimeout(resolve, PATIENCE, "waited"));
      open ||= socket.connected;
      const answer = socket.connected && (await Promise.race([this.client.ask("attendanceMarked", mark).catch(() => undefined), lost, waited]));
      if (answer?.success) {
        this.confirmed++;
        this.status = status;
        open = false;
      } else {
        if (answer === "waited") this.unanswered++; // a client with retries sends the mark again
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  stop() {
    this.#stopped = true;
  }
}

/** One new client after the other, each with a connection of its own, until stop. Collects every answer that is not 200. */
function newcomers(entrance) {
  const state = { count: 0, refused: [] };
  let stopped = false;
  const connect = () =>
    new Promise((resolve) => {
      const failed = (why) => resolve(state.refused.push(String(why)));
      const request = get(`${entrance.url}/socket.io/?EIO=4&transport=polling`, { agent: false, timeout: DEADLINE }, (answer) => {
        answer.resume();
        if (answer.statusCode !== 200) failed(answer.statusCode);
        else resolve();
      });
      request.on("error", failed);
      request.on("timeout", () => request.destroy(new Error("no answer")));
    });
  const work = (async () => {
    while (!stopped) {
      await connect();
      state.count++;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  state.stop = async () => {
    stopped = true;
    await work;
  };
  return state;
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** Does one restart after the other of what carries the entrances while students mark there and new clients arrive, and reports what they
 * noticed. */
async function restartUnderLoad(t, { entrances, restarts }) {
  const teacher = await Client.connect(entrances[0], {});
  t.after(() => teacher.close());
  const identify = async () => {
    await teacher.ask("identify", { userId: "teacher", role: "teacher" });
    return teacher.ask("joinClass", { userId: "teacher", classId: session.classId });
  };
  await identify();
  const students = entrances.flatMap((entrance, i) => [...kinds, ...kinds].map((kind, j) => new Student(entrance, kind, `student-${i}-${j}`)));
  t.after(() => students.forEach(({ client }) => client.close()));
  await within(DEADLINE, "all students are in the class", everybodyIn(students));
  assert.equal((await teacher.ask("initiateAttendance", { ...session, teacherId: "teacher" })).success, true);

  const work = students.map((student) => student.work());
  const arriving = entrances.map(newcomers);
  const confirmed = () => sum(students.map((student) => student.confirmed));
  const arrived = () => sum(arriving.map(({ count }) => count));
  try {
    for (const [name, restart] of Object.entries(restarts)) {
      const before = { began: performance.now(), marks: confirmed(), clients: arrived() };
      await restart();
      const seconds = ((performance.now() - before.began) / 1000).toFixed(1);
      t.diagnostic(`${name} ready again after ${seconds} s; meanwhile ${confirmed() - before.marks} confirmed marks and ${arrived() - before.clients} new clients`);
    }
    await within(DEADLINE, "all students are back", everybodyIn(students));
  } finally {
    students.forEach((student) => student.stop());
    await Promise.all([...work, ...arriving.map(({ stop }) => stop())]);
  }

  await within(DEADLINE, "the teacher is back", (async () => {
    while (!teacher.socket.connected || !(await identify()).success) await new Promise((resolve) => setTimeout(resolve, 50));
  })());
  const date = new Date().toISOString();
  const { data } = await teacher.ask("fetchAttendance", { ...session, date });
  const stored = new Map(data.records.map(({ studentId, status }) => [studentId, status]));
  for (const { userId, status } of students) assert.equal(stored.get(userId), status, `the last confirmed mark of ${userId}`);
  const returns = students.flatMap((student) => student.returns);
  t.diagnostic(
    `${students.length} students, ${confirmed()} confirmed marks, none lost, ${sum(students.map(({ unanswered }) => unanswered))} sent again; ` +
      `${arrived()} new clients, ${sum(arriving.map(({ refused }) => refused.length))} refused; ` +
      `${returns.length} returns, the slowest after ${(Math.max(...returns) / 1000).toFixed(1)} s`,
  );
  assert.ok(students.every(({ returns }) => returns.length > 0), "every student lost the connection once at least");
  for (const { refused } of arriving) assert.deepEqual(refused, []);
}

async function everybodyIn(students) {
  const end = Date.now() + DEADLINE;
  while (Date.now() < end && !students.every((student) => student.in)) await new Promise((resolve) => setTimeout(resolve, 20));
}

const limits = { MAX_PENDING: "100000" }; // the new clients do nothing but connect

describe("a deploy under load", { concurrency: 1 }, () => {
  test("with a socket that stays open, behind nginx and without it", async (t) => {
    const service = await Service.start({ ...limits, DRAIN_SPREAD: "500ms" });
    t.after(() => service.remove());
    const nginx = await startNginx(service);
    t.after(() => nginx.remove());
    await restartUnderLoad(t, {
      entrances: [service, nginx],
      restarts: Object.fromEntries(["first restart:", "second restart:", "third restart:"].map((name) => [name, () => service.restart()])),
    });
  });

  describe("of three nodes", () => {
    let database;
    before(async () => {
      database = await MariaDB.start();
    });
    after(() => database?.remove());

    test("one after the other, behind nginx", async (t) => {
      const dsn = await database.create();
      const node = (NODE_NAME) => Server.start({ ...limits, CLUSTER: "true", NODE_NAME, DATABASE_DSN: dsn, DRAIN_DELAY: "500ms", DRAIN_SPREAD: "500ms" });
      const nodes = await Promise.all(["a", "b", "c"].map(node));
      t.after(() => Promise.all(nodes.map((each) => each.remove())));
      const nginx = await startNginx(...nodes);
      t.after(() => nginx.remove());
      await restartUnderLoad(t, {
        entrances: [nginx],
        restarts: Object.fromEntries(nodes.map((each, i) => [`node ${"abc"[i]}:`, async () => {
          await each.stop();
          await each.start();
        }])),
      });
    });
  });
});
