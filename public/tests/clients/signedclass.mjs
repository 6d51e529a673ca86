// A class of a server in signed mode, with an owner, a second teacher, an administrator and students.
import assert from "node:assert/strict";
import { Client } from "./client.mjs";
import { token } from "./token.mjs";

/** Who is in the class, with a client of which kind. Their ids on the wire end with the id of the class. */
export const people = {
  asha: { role: "teacher", version: "4.x", transport: "websocket" }, // the owner
  gita: { role: "teacher", version: "2.x", transport: "websocket" },
  registrar: { role: "admin", version: "4.x", transport: "polling" },
  chen: { role: "student", version: "2.x", transport: "polling" },
  divya: { role: "student", version: "3.x", transport: "upgrade" },
  hugo: { role: "student", version: "4.x", transport: "upgrade" },
};

export class SignedClass {
  clients = {};

  /** Makes a class of that id with all of people. Nobody is connected yet. */
  static async create(server, classId) {
    const made = new SignedClass();
    Object.assign(made, { server, classId });
    await made.rest("asha", "POST", "/classes", { id: classId, name: "Mathematics" });
    await made.rest("asha", "PUT", `/classes/${classId}/teachers/${made.id("gita")}`);
    const students = ["chen", "divya", "hugo"].map((name) => ({ id: made.id(name), name }));
    await made.rest("asha", "PUT", `/classes/${classId}/roster`, { students });
    return made;
  }

  id(name) {
    return `${name}-${this.classId}`;
  }

  token(name) {
    return token({ sub: this.id(name), role: people[name].role });
  }

  /** Connects these people, who identify and join. */
  async enter(...names) {
    for (const name of names) {
      const { version, transport } = people[name];
      this.clients[name] = await Client.connect(this.server, { version, transport, reconnectionDelay: 50, query: { token: this.token(name) } });
      await this.identify(name);
      const joined = await this.join(name);
      assert.equal(joined.success, true, joined.message);
    }
  }

  identify(name) {
    return this.clients[name].ask("identify", { userId: this.id(name), role: people[name].role });
  }

  join(name) {
    return this.clients[name].ask("joinClass", { userId: this.id(name), classId: this.classId });
  }

  start(name, sessionType) {
    return this.clients[name].ask("initiateAttendance", { classId: this.classId, teacherId: this.id(name), sessionType });
  }

  end(name, sessionType) {
    return this.clients[name].ask("endAttendance", { classId: this.classId, teacherId: this.id(name), sessionType });
  }

  mark(name, student, status, sessionType, more = {}) {
    return this.clients[name].ask("attendanceMarked", { classId: this.classId, studentId: this.id(student), studentName: student, status, sessionType, ...more });
  }

  /** Cuts somebody's connection. They are connected again when the promise resolves. */
  async cut(name) {
    const { socket } = this.clients[name];
    const lost = this.clients[name].disconnected();
    socket.io.engine.close();
    await lost;
    await this.clients[name].connected();
  }

  /** A request to the REST API, which must succeed. */
  async rest(name, method, path, body) {
    const answer = await this.request(name, method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  /** A body that is a text is CSV. */
  async request(name, method, path, body) {
    const csv = typeof body === "string";
    const answer = await fetch(`${this.server.url}/api${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token(name)}`, "Content-Type": csv ? "text/csv" : "application/json" },
      body: csv ? body : JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  }

  close() {
    for (const client of Object.values(this.clients)) client.close();
  }
}
