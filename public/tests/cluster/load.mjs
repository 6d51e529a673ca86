// What the clients do: a teacher opens one session after the other, students mark themselves, and connections break.
import { setTimeout as pause } from "node:timers/promises";
import { kinds } from "../clients/client.mjs";
import { Observer } from "./observer.mjs";

/** How long anything may take that has to happen in the end, such as the return of all clients. */
const DEADLINE = 90_000;

/** How long a request may take. Longer than any fault. */
const REQUEST_DEADLINE = 60_000;

const studentsPerClass = 9; // one with every client version over every transport

/** Numbers from 0 to 1 that depend on the seed only (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Load {
  #url;
  #limits;
  #random;
  #pace; // by what the pauses of students grow, so that one process can carry all clients
  #stopped = false;
  #work = [];

  /** Limits: those of the checks (checks.mjs). */
  constructor(url, clients, random, limits) {
    this.#url = url;
    this.#limits = limits;
    this.#random = random;
    this.#pace = Math.max(1, clients / 100);
    const classes = Math.max(1, Math.round(clients / (studentsPerClass + 1)));
    const observers = Array.from({ length: classes }, (_, number) => {
      const classId = `class-${number}`;
      const teacher = new Observer(url, { userId: `teacher-${number}`, role: "teacher", classId, ...this.#one(kinds) });
      const students = kinds.map((kind, i) => new Observer(url, { userId: `student-${number}-${i}`, role: "student", classId, ...kind }));
      return { teacher, students };
    });
    this.classes = observers;
    this.observers = observers.flatMap(({ teacher, students }) => [teacher, ...students]);
  }

  /** Resolves when every client is in its class. */
  async entered() {
    const late = pause(DEADLINE, "late", { ref: false });
    const all = Promise.all(this.observers.map(({ entered }) => entered));
    if ((await Promise.race([all, late])) === "late") {
      const out = this.observers.filter(({ inClass }) => !inClass).map(({ record }) => record.userId);
      throw new Error(`not in their class within ${DEADLINE} ms: ${out.join(", ")}`);
    }
  }

  start() {
    for (const { teacher, students } of this.classes) {
      this.#work.push(this.#teach(teacher, students), this.#remove(teacher, students), ...students.map((student) => this.#attend(student)));
    }
  }

  /** A node is about to die. One client of it in each class does not come back at once. */
  nodeDies(node) {
    for (const { students } of this.classes) students.find((student) => student.inClass && student.node === node)?.stayAway(this.#absence);
  }

  /** Ends the sessions that are active and resolves when every client is in its class and has nothing left to do. */
  async stop() {
    this.#stopped = true;
    await Promise.all(this.#work);
    await this.entered();
  }

  /** A student of each class goes for good. */
  someLeave() {
    for (const { students } of this.classes) this.#one(students).leave();
  }

  /** Longer than others may take to notice that a client is away. */
  get #absence() {
    return this.#limits.left + 2_000;
  }

  #one(values) {
    return values[Math.floor(this.#random() * values.length)];
  }

  #between(low, high) {
    return pause(low + this.#random() * (high - low));
  }

  async #teach(teacher, students) {
    const { userId: teacherId, classId } = teacher.record;
    for (let number = 1; !this.#stopped; number++) {
      const session = { classId, teacherId, sessionType: `s${number}` };
      await this.#untilDone(teacher, "initiateAttendance", session);
      await this.#between(1_000, 4_000);
      // What the teacher sets the student cannot change, so some marks after it are refused.
      const { userId } = this.#one(students).record;
      await teacher.entered;
      await teacher.ask("attendanceMarked", { classId, studentId: userId, studentName: userId, status: "excused", sessionType: session.sessionType });
      await this.#between(500, 1_500);
      await this.#untilDone(teacher, "endAttendance", session);
    }
  }

  /** The teacher takes one student after the other off the roster. Each is on it again with its next join. */
  async #remove(teacher, students) {
    const { userId: teacherId, classId } = teacher.record;
    while (!this.#stopped) {
      await this.#between(3_000, 8_000);
      const student = this.#one(students);
      if (!student.inClass || this.#stopped) continue;
      const request = { method: "DELETE", headers: { "X-User": teacherId }, signal: AbortSignal.timeout(REQUEST_DEADLINE) };
      const path = `/api/classes/${classId}/roster/${student.record.userId}`;
      await student.removed(() => fetch(this.#url + path, request).then(({ ok }) => ok, () => false), this.#limits.delivery);
    }
  }

  /** Asks until the server says yes. */
  async #untilDone(observer, event, data) {
    for (;;) {
      await observer.entered;
      const answer = await observer.ask(event, data);
      if (answer?.success) return;
      await this.#between(100, 500);
    }
  }

  async #attend(student) {
    const { userId, classId } = student.record;
    while (!this.#stopped) {
      await this.#between(100 * this.#pace, 1_500 * this.#pace);
      await student.entered;
      const sessionType = this.#one([...student.active]);
      const chance = this.#random();
      if (chance < 0.005) student.stayAway(this.#absence);
      if (chance < 0.02) student.breakConnection();
      if (chance < 0.02 || !sessionType) continue;
      // Students may not excuse themselves.
      const status = chance < 0.07 ? "excused" : this.#one(["present", "late", "absent"]);
      await student.ask("attendanceMarked", { classId, studentId: userId, studentName: userId, status, sessionType });
    }
  }
}
