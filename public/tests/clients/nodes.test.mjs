// Three nodes of a cluster behind a balancer, with the configurations in deploy/. The clients keep no cookies.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, kinds } from "./client.mjs";
import { MariaDB } from "./mariadb.mjs";
import { DEADLINE, until, within } from "./process.mjs";
import { startHAProxy, startNginx } from "./proxy.mjs";
import { Server } from "./server.mjs";

const balancers = { nginx: startNginx, HAProxy: startHAProxy };
const names = ["a", "b", "c"];

let database;
before(async () => {
  database = await MariaDB.start();
});
after(() => database?.remove());

const startNodes = (dsn) => Promise.all(names.map((NODE_NAME) => Server.start({ CLUSTER: "true", NODE_NAME, DATABASE_DSN: dsn })));

/** A client that identifies and joins after each connect, and counts its disconnects. */
class Student extends Client {
  static #count = 0;
  disconnects = [];

  constructor(balancer, kind, classId) {
    super(balancer, kind);
    this.userId = `student-${++Student.#count}`;
    this.classId = classId;
    this.#enterAgain();
    this.socket.on("connect", () => {
      this.emit("identify", { userId: this.userId, role: "student" });
      this.emit("joinClass", { userId: this.userId, classId }, (answer) => this.#entered(answer));
    });
    this.socket.on("disconnect", (reason) => {
      this.disconnects.push(reason);
      this.#enterAgain();
    });
  }

  /** Resolves `inClass` with the answer to joinClass. After a disconnect inClass is the next one. */
  #entered;
  #waits = false;
  #enterAgain() {
    if (this.#waits) return; // the join before got no answer, and the next one's is waited for
    this.#waits = true;
    this.inClass = new Promise((resolve) => {
      this.#entered = (answer) => {
        this.#waits = false;
        resolve(answer);
      };
    });
  }

  /** The name of its node. */
  get node() {
    const { engine } = this.socket.io;
    return engine.id.slice(0, engine.id.indexOf("."));
  }

  async enter() {
    await this.connected();
    assert.equal((await within(DEADLINE, "is in the class", this.inClass)).success, true);
    return this;
  }
}

/** Students with every client version over every transport, in one class, until each node has some. */
async function students(t, balancer, classId) {
  const everybody = [];
  t.after(() => everybody.forEach((student) => student.close()));
  const nodes = () => [...new Set(everybody.map(({ node }) => node))].sort();
  await until("each node has students", async () => {
    const more = kinds.map((kind) => new Student(balancer, kind, classId));
    everybody.push(...more);
    await Promise.all(more.map((student) => student.enter()));
    return nodes().length === names.length;
  });
  return everybody;
}

/** Starts a node again and waits until the balancer gives it new clients. */
async function startAgain(node, name, balancer) {
  await node.start();
  await until(`the balancer uses ${name} again`, async () => {
    const answer = await fetch(`${balancer.url}/socket.io/?EIO=4&transport=polling`);
    return (await answer.text()).includes(`"sid":"${name}.`);
  });
}

describe("three nodes", { concurrency: 2 }, () => {
  for (const [program, startBalancer] of Object.entries(balancers)) {
    // One test at a time: they stop nodes.
    describe(`behind ${program}`, { concurrency: 1 }, () => {
      let nodes, balancer;
      before(async () => {
        nodes = await startNodes(await database.create());
        balancer = await startBalancer(...nodes);
      });
      after(async () => {
        await balancer?.remove();
        await Promise.all(nodes?.map((node) => node.remove()) ?? []);
      });

      test("every client stays on its node", async (t) => {
        const everybody = await students(t, balancer, "stays");
        const before = everybody.map(({ socket }) => socket.io.engine.id);
        for (let i = 0; i < 10; i++) await Promise.all(everybody.map((student) => student.roundTrip()));
        assert.deepEqual(everybody.map(({ socket }) => socket.io.engine.id), before);
        for (const { disconnects } of everybody) assert.deepEqual(disconnects, []);
      });

      test("the clients of a node that is gone connect to the others", async (t) => {
        const everybody = await students(t, balancer, "gone");
        const [gone, others] = [everybody.filter(({ node }) => node === "b"), everybody.filter(({ node }) => node !== "b")];
        const lost = gone.map((student) => student.disconnected());
        await nodes[1].kill();
        await Promise.all(lost);
        await Promise.all(gone.map((student) => student.enter()));
        await Promise.all(kinds.map((kind) => new Student(balancer, kind, "gone")).map(async (newcomer) => {
          t.after(() => newcomer.close());
          await newcomer.enter();
          assert.notEqual(newcomer.node, "b");
        }));
        for (const { node, disconnects } of gone) {
          assert.notEqual(node, "b");
          assert.equal(disconnects.length, 1, `${disconnects}`);
        }
        for (const { disconnects } of others) assert.deepEqual(disconnects, []);
        await startAgain(nodes[1], "b", balancer);
      });

      test("a rolling restart costs a client one reconnect for its node", async (t) => {
        const session = { classId: "restarts", sessionType: "lecture" };
        const teacher = await Client.connect(nodes[2]);
        t.after(() => teacher.close());
        await teacher.ask("identify", { userId: "teacher", role: "teacher" });
        await teacher.ask("joinClass", { userId: "teacher", classId: session.classId });
        const everybody = await students(t, balancer, session.classId);
        assert.equal((await teacher.ask("initiateAttendance", { ...session, teacherId: "teacher" })).success, true);

        // A student marks again and again. A mark that gets no answer because the connection broke is sent again after the return.
        let stopped = false;
        t.after(() => (stopped = true));
        const work = everybody.map(async (student) => {
          for (let i = 0; !stopped; i++) {
            await student.enter();
            const { userId: studentId } = student;
            const mark = { ...session, studentId, studentName: studentId, status: i % 2 ? "late" : "present" };
            const broke = new Promise((resolve) => student.socket.once("disconnect", () => resolve(undefined)));
            const answer = await Promise.race([student.ask("attendanceMarked", mark).catch(() => undefined), broke]);
            if (answer) assert.equal(answer.success, true, answer.message);
          }
        });

        for (const [index, node] of nodes.entries()) {
          const disconnects = everybody.map((student) => student.disconnects.length);
          const its = everybody.map((student) => student.node === names[index]);
          const lost = everybody.filter((_, i) => its[i]).map((student) => student.disconnected());
          await node.stop();
          await Promise.all(lost); // a client notices a little later
          await Promise.all(everybody.map((student) => student.enter()));
          for (const [i, student] of everybody.entries()) {
            const more = student.disconnects.slice(disconnects[i]);
            assert.equal(more.length, its[i] ? 1 : 0, `${student.userId} on ${names[index]}: ${more}`);
            assert.notEqual(student.node, names[index]);
            assert.notEqual(more[0], "io server disconnect", "the client would not come back by itself");
          }
          await startAgain(node, names[index], balancer);
        }
        stopped = true;
        await Promise.all(work);
      });

      test("a node that stops says so first and still takes clients", async (t) => {
        const [node] = nodes;
        const student = await new Student(node, { transport: "websocket" }, "stops").enter();
        t.after(() => student.close());
        const stopped = node.stop();
        while (await node.ready());
        const newcomer = await new Student(node, { transport: "polling" }, "stops").enter();
        t.after(() => newcomer.close());
        assert.deepEqual(student.disconnects, []);
        await stopped;
        await startAgain(node, "a", balancer);
      });
    });
  }
});
