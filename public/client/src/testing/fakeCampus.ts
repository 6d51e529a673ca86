import { RefusedError } from "../errors.js";
import type { Ack, ClassMember, ClientToServerEvents, End, Fetch, FetchCode, Id, Identify, Initiate, Mark, Presence } from "../events.js";
import { FakeClass, type Actor } from "./fakeClass.js";
import type { FakeServer, FakeSocket } from "./fakeSocket.js";

const PERIOD = 10_000;

/** A server in memory, in open mode: classes come into being when somebody joins, and everybody is believed. */
export class FakeCampus implements FakeServer {
  readonly #classes = new Map<string, FakeClass>();
  readonly #rooms = new Map<string, Set<FakeSocket>>();
  /** The oldest connections come first. */
  readonly #users = new Map<FakeSocket, Actor>();

  /** A user may have so many connections. With one more, the oldest is ended. */
  constructor(readonly socketsPerUser = 10) {}

  disconnected(socket: FakeSocket): void {
    for (const id of this.#rooms.keys()) this.#leave(socket, id);
    this.#users.delete(socket);
  }

  receive(socket: FakeSocket, event: string, payload: unknown): Ack {
    const { handle, refusedWith } = this.#handlers[event as keyof ClientToServerEvents];
    try {
      return { success: true, message: "Done", ...handle(socket, payload as never) };
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const { message, reason } = error;
      if (event === "fetchAttendance") socket.deliver(refusedWith, { success: false, message, data: { active: "initial", records: [] } });
      else socket.deliver(refusedWith, { message });
      return { success: false, message, reason };
    }
  }

  /** Puts students on the roster of a class, which comes into being if it has to. */
  enrol(classId: Id, students: readonly { id: Id; name: string }[]): void {
    for (const { id, name } of students) this.#class(classId).enrol(id, name);
  }

  readonly #handlers = {
    identify: { refusedWith: "attendance:error", handle: (socket: FakeSocket, who: Identify) => this.#identify(socket, who) },
    joinClass: { refusedWith: "class:error", handle: (socket: FakeSocket, { userId, classId }: ClassMember) => this.#join(socket, userId, classId) },
    leaveClass: { refusedWith: "class:error", handle: (socket: FakeSocket, { classId }: ClassMember) => this.#leave(socket, String(classId)) },
    initiateAttendance: { refusedWith: "attendance:error", handle: (socket: FakeSocket, asked: Initiate) => this.#start(socket, asked) },
    endAttendance: { refusedWith: "attendance:error", handle: (socket: FakeSocket, asked: End) => this.#end(socket, asked) },
    attendanceMarked: { refusedWith: "attendance:error", handle: (socket: FakeSocket, mark: Mark) => this.#mark(socket, mark) },
    fetchAttendance: { refusedWith: "attendanceData", handle: (socket: FakeSocket, asked: Fetch) => this.#fetch(socket, asked) },
    fetchAttendanceCode: { refusedWith: "attendance:error", handle: (socket: FakeSocket, asked: FetchCode) => this.#code(socket, asked) },
  } satisfies Record<keyof ClientToServerEvents, unknown>;

  #class(classId: Id): FakeClass {
    const known = this.#classes.get(String(classId)) ?? new FakeClass(classId);
    this.#classes.set(String(classId), known);
    return known;
  }

  #existing(classId: Id): FakeClass {
    const known = this.#classes.get(String(classId));
    if (!known) throw new RefusedError("Class not found", "class_not_found");
    return known;
  }

  #actor(socket: FakeSocket): Actor {
    const actor = this.#users.get(socket);
    if (!actor) throw new RefusedError("Identify first", "not_identified");
    return actor;
  }

  #room(id: string): Set<FakeSocket> {
    const room = this.#rooms.get(id) ?? new Set();
    this.#rooms.set(id, room);
    return room;
  }

  #broadcast(classId: Id, event: string, data: object): void {
    for (const socket of this.#room(String(classId))) socket.deliver(event, data);
  }

  /** Says to the others in a class that a user has come or gone, if this was the user's first or last connection there. */
  #presence(socket: FakeSocket, id: string, event: "userJoined" | "userLeft", words: string): void {
    const { userId } = this.#actor(socket);
    const others = [...this.#room(id)].filter((other) => other !== socket);
    if (others.some((other) => this.#actor(other).userId === userId)) return;
    const data: Presence = { userId, message: `${userId} ${words} the class` };
    for (const other of others) other.deliver(event, data);
  }

  #identify(socket: FakeSocket, { userId, role }: Identify): void {
    this.#users.set(socket, { userId, role });
    const own = [...this.#users].filter(([, user]) => String(user.userId) === String(userId));
    const [oldest] = own[0] ?? [];
    if (own.length <= this.socketsPerUser) return;
    oldest?.deliver("attendance:error", { message: "You are connected in too many places; this connection, the oldest, was closed" });
    oldest?.refuse();
  }

  #join(socket: FakeSocket, userId: Id, classId: Id) {
    const actor = this.#actor(socket);
    if (String(actor.userId) !== String(userId)) throw new RefusedError("userId must be your own", "user_differs");
    const known = this.#class(classId);
    known.enter(actor);
    const room = this.#room(String(classId));
    if (!room.has(socket)) {
      room.add(socket);
      for (const started of known.open) socket.deliver("attendanceStarted", started);
      this.#presence(socket, String(classId), "userJoined", "joined");
    }
    return { message: "You are in the class", userId, classId };
  }

  #leave(socket: FakeSocket, id: string): void {
    if (!this.#room(id).has(socket)) return;
    this.#presence(socket, id, "userLeft", "left");
    this.#room(id).delete(socket);
  }

  #start(socket: FakeSocket, asked: Initiate) {
    const { classId, sessionType } = asked;
    const started = this.#existing(classId).start(this.#actor(socket), asked);
    const reply = { success: true, classId, sessionType, message: `Attendance for ${sessionType} ${started ? "is" : "was"} open${started ? "" : " already"}` };
    if (!started) return reply;
    socket.deliver("attendance:initiated", reply);
    this.#broadcast(classId, "attendanceStarted", started);
    return reply;
  }

  #end(socket: FakeSocket, { classId, sessionType }: End) {
    const timestamp = this.#existing(classId).end(this.#actor(socket), sessionType);
    const reply = { success: true, classId, sessionType, message: `Attendance for ${sessionType} ${timestamp ? "has ended" : "had ended already"}` };
    if (!timestamp) return reply;
    socket.deliver("attendance:ended", reply);
    this.#broadcast(classId, "attendanceEnded", { classId, sessionType, timestamp, message: reply.message });
    return reply;
  }

  #mark(socket: FakeSocket, mark: Mark) {
    const { update, changed } = this.#existing(mark.classId).mark(this.#actor(socket), mark);
    if (changed) this.#broadcast(mark.classId, "attendanceUpdate", update);
    return { message: `Recorded as ${update.status}`, ...update };
  }

  #fetch(socket: FakeSocket, { classId, date, sessionType }: Fetch) {
    if (Number.isNaN(Date.parse(date))) throw new RefusedError("Invalid date format", "invalid_date");
    const session = this.#existing(classId).session(this.#actor(socket), sessionType);
    const today = date.slice(0, 10) === new Date().toISOString().slice(0, 10);
    const data = (today && session) || { active: "initial", records: [] };
    const reply = { success: true, exists: today && session !== null, classId, date, sessionType, message: `${data.records.length} records`, data };
    socket.deliver("attendanceData", reply);
    return reply;
  }

  #code(socket: FakeSocket, { classId, sessionType }: FetchCode) {
    const code = this.#existing(classId).code(this.#actor(socket), sessionType);
    const shown = { classId, sessionType, code, period: PERIOD, validFor: PERIOD };
    socket.deliver("attendance:code", shown);
    return { message: "Show this code in class", ...shown };
  }
}
