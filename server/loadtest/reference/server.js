"use strict";

// The attendance protocol as a team would write it on the official Socket.IO server and mysql2: one process, rooms for
// the broadcasts, a pool of connections, one statement per mark and the broadcast once it has returned. It is what
// `make bench` measures the Go server against and what the matrix of the client tests compares it with, so it does as much
// as its users do and no more.
//
// Environment: PORT, HOST, and DATABASE_HOST, DATABASE_PORT, DATABASE_USER, DATABASE_PASSWORD, DATABASE_NAME;
// SOCKET_IO_OPTIONS, options of the Socket.IO server as JSON; JWT_SECRET, without which clients are believed.

const { createHmac } = require("node:crypto");
const { createServer } = require("node:http");
const mysql = require("mysql2/promise");
const { Server } = require("socket.io");

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS classes (
     id VARCHAR(64) COLLATE utf8mb4_bin PRIMARY KEY,
     teacher_id VARCHAR(64) COLLATE utf8mb4_bin NULL
   )`,
  `CREATE TABLE IF NOT EXISTS enrolments (
     class_id VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
     student_id VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
     PRIMARY KEY (class_id, student_id)
   )`,
  `CREATE TABLE IF NOT EXISTS sessions (
     id BIGINT AUTO_INCREMENT PRIMARY KEY,
     class_id VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
     date DATE NOT NULL,
     session_type VARCHAR(32) COLLATE utf8mb4_bin NOT NULL,
     active BOOLEAN NOT NULL,
     UNIQUE KEY (class_id, date, session_type)
   )`,
  `CREATE TABLE IF NOT EXISTS marks (
     session_id BIGINT NOT NULL,
     student_id VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
     student_name VARCHAR(255) COLLATE utf8mb4_bin NULL,
     status VARCHAR(16) NOT NULL,
     recorded_at DATETIME(3) NULL,
     recorded_by VARCHAR(64) COLLATE utf8mb4_bin NULL,
     PRIMARY KEY (session_id, student_id)
   )`,
];

const STATUSES = ["present", "late", "absent", "excused"];

const room = (classId) => `class:${classId}`;
const today = () => new Date().toISOString().slice(0, 10);

class Refused extends Error {
  constructor(message, reason) {
    super(message);
    this.reason = reason;
  }
}

function required(args, ...names) {
  const missing = names.filter((name) => [undefined, null, ""].includes(args?.[name]));
  if (missing.length > 0) throw new Refused(`Missing required parameters: ${missing.join(", ")}`, "missing_parameters");
}

// Members counts the sockets of each user in each class, for userJoined with the first and userLeft with the last.
class Members {
  #classes = new Map();

  add(classId, userId) {
    const users = this.#classes.get(classId) ?? new Map();
    this.#classes.set(classId, users);
    const count = (users.get(userId) ?? 0) + 1;
    users.set(userId, count);
    return count === 1;
  }

  remove(classId, userId) {
    const users = this.#classes.get(classId);
    const count = users.get(userId) - 1;
    if (count > 0) {
      users.set(userId, count);
      return false;
    }
    users.delete(userId);
    if (users.size === 0) this.#classes.delete(classId);
    return true;
  }
}

class Attendance {
  #active = new Map(); // classId -> sessionType -> { id, teacherId, timestamp, frequency }
  #members = new Members();

  constructor(io, pool) {
    this.io = io;
    this.pool = pool;
  }

  identify(socket, args) {
    required(args, "userId", "role");
    if (args.role !== "teacher" && args.role !== "student") throw new Refused("role must be teacher or student", "invalid_role");
    socket.data.userId = args.userId;
    socket.data.role = args.role;
    return { success: true, message: "Identified", userId: args.userId, role: args.role };
  }

  async joinClass(socket, args) {
    required(args, "userId", "classId");
    const { classId, userId } = args;
    socket.data.userId ??= userId;
    const reply = { success: true, message: "Joined the class", userId, classId };
    if (socket.rooms.has(room(classId))) return reply;

    await this.pool.execute("INSERT IGNORE INTO classes (id) VALUES (?)", [classId]);
    if (socket.data.role === "teacher") {
      await this.pool.execute("UPDATE classes SET teacher_id = ? WHERE id = ? AND teacher_id IS NULL", [userId, classId]);
    } else {
      await this.pool.execute("INSERT IGNORE INTO enrolments (class_id, student_id) VALUES (?, ?)", [classId, userId]);
    }
    if (!socket.connected) return { success: false, message: "Disconnected" };

    socket.join(room(classId));
    if (this.#members.add(classId, userId)) {
      socket.to(room(classId)).emit("userJoined", { userId, message: `${userId} joined the class` });
    }
    for (const [sessionType, session] of this.#active.get(classId) ?? []) {
      socket.emit("attendanceStarted", started(classId, sessionType, session));
    }
    return reply;
  }

  leaveClass(socket, args) {
    required(args, "userId", "classId");
    if (socket.rooms.has(room(args.classId))) {
      socket.leave(room(args.classId));
      this.left(socket, args.classId);
    }
    return { success: true, message: "Left the class", userId: args.userId, classId: args.classId };
  }

  left(socket, classId) {
    const { userId } = socket.data;
    if (this.#members.remove(classId, userId)) {
      socket.to(room(classId)).emit("userLeft", { userId, message: `${userId} left the class` });
    }
  }

  async initiateAttendance(socket, args) {
    required(args, "classId", "teacherId", "sessionType");
    const { classId, teacherId, sessionType, frequency } = args;
    await this.#manages(socket, classId, teacherId, "Only teachers can initiate attendance");

    const reply = { success: true, classId, sessionType, message: "Attendance initiated" };
    if (!this.#active.get(classId)?.has(sessionType)) {
      const [result] = await this.pool.execute(
        `INSERT INTO sessions (class_id, date, session_type, active) VALUES (?, ?, ?, TRUE)
         ON DUPLICATE KEY UPDATE active = TRUE, id = LAST_INSERT_ID(id)`,
        [classId, today(), sessionType],
      );
      await this.pool.execute(
        `INSERT IGNORE INTO marks (session_id, student_id, status)
         SELECT ?, student_id, 'absent' FROM enrolments WHERE class_id = ?`,
        [result.insertId, classId],
      );
      const session = { id: result.insertId, teacherId, timestamp: new Date().toISOString(), frequency };
      if (!this.#active.has(classId)) this.#active.set(classId, new Map());
      this.#active.get(classId).set(sessionType, session);
      this.io.to(room(classId)).emit("attendanceStarted", started(classId, sessionType, session));
    }
    socket.emit("attendance:initiated", reply);
    return reply;
  }

  async endAttendance(socket, args) {
    required(args, "classId", "teacherId", "sessionType");
    const { classId, teacherId, sessionType } = args;
    await this.#manages(socket, classId, teacherId, "Only teachers can end attendance sessions");

    const reply = { success: true, classId, sessionType, message: "Attendance ended" };
    const session = this.#active.get(classId)?.get(sessionType);
    if (session) {
      await this.pool.execute("UPDATE sessions SET active = FALSE WHERE id = ?", [session.id]);
      this.#active.get(classId).delete(sessionType);
      this.io.to(room(classId)).emit("attendanceEnded", {
        classId,
        sessionType,
        timestamp: new Date().toISOString(),
        message: "Attendance has ended",
      });
    }
    socket.emit("attendance:ended", reply);
    return reply;
  }

  async attendanceMarked(socket, args) {
    required(args, "classId", "studentId", "sessionType");
    const { classId, studentId, studentName = "", status = "present", sessionType } = args;
    if (!STATUSES.includes(status)) throw new Refused("status must be present, late, absent or excused", "invalid_status");
    if (socket.data.role !== "teacher" && socket.data.userId !== studentId) {
      throw new Refused("Students can only mark their own attendance", "not_your_mark");
    }
    const session = this.#active.get(classId)?.get(sessionType);
    if (!session) throw new Refused("No active attendance session for this class and session type", "no_active_session");

    const now = new Date();
    await this.pool.execute(
      `INSERT INTO marks (session_id, student_id, student_name, status, recorded_at, recorded_by)
       VALUES (?, ?, ?, ?, ?, ?)
       ON DUPLICATE KEY UPDATE student_name = VALUES(student_name), status = VALUES(status),
         recorded_at = VALUES(recorded_at), recorded_by = VALUES(recorded_by)`,
      [session.id, studentId, studentName, status, now, socket.data.userId],
    );
    const update = { classId, studentId, studentName, status, sessionType, timestamp: now.toISOString() };
    this.io.to(room(classId)).emit("attendanceUpdate", update);
    return { success: true, message: "Attendance marked", ...update };
  }

  async fetchAttendance(socket, args) {
    required(args, "classId", "date", "sessionType");
    const { classId, date, sessionType } = args;
    const [sessions] = await this.pool.execute(
      "SELECT id, active FROM sessions WHERE class_id = ? AND date = ? AND session_type = ?",
      [classId, String(date).slice(0, 10), sessionType],
    );
    const reply = { success: true, exists: sessions.length > 0, classId, date, sessionType, message: "Attendance fetched" };
    reply.data = { active: "initial", records: [] };
    if (sessions.length > 0) {
      const [records] = await this.pool.execute(
        `SELECT student_id AS studentId, student_name AS studentName, status, recorded_at AS recordedAt,
           recorded_by AS recordedBy FROM marks WHERE session_id = ? ORDER BY student_id`,
        [sessions[0].id],
      );
      reply.data = { active: sessions[0].active ? "active" : "completed", records };
    }
    socket.emit("attendanceData", reply);
    return reply;
  }

  async #manages(socket, classId, teacherId, otherwise) {
    if (socket.data.role !== "teacher" || socket.data.userId !== teacherId) throw new Refused(otherwise, "only_teachers");
    const [classes] = await this.pool.execute("SELECT teacher_id FROM classes WHERE id = ?", [classId]);
    if (classes.length === 0) throw new Refused("Class not found", "class_not_found");
    if (classes[0].teacher_id !== teacherId) throw new Refused("Not authorized to manage this class", "not_owner");
  }
}

function started(classId, sessionType, session) {
  const { teacherId, timestamp, frequency } = session;
  const event = { classId, teacherId, sessionType, timestamp, message: "Attendance has started" };
  if (frequency !== undefined) event.frequency = [].concat(frequency);
  return event;
}

// Lets in whose token is signed with the secret (HS256) and not expired.
function checkToken(secret, { conn, handshake }) {
  const { auth, headers, query } = handshake;
  const cookie = /(?:^|; )accessToken=([^;]*)/.exec(headers.cookie ?? "")?.[1];
  const token = auth.token ?? /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1] ?? query.token ?? cookie;
  // Client 2 shows the data instead of the message, where there are some.
  const refusal = (reason) => Object.assign(new Error("unauthorized"), conn.protocol === 3 ? {} : { data: { reason } });
  if (!token) return refusal("token_missing");
  const [, signed, claims, signature] = /^([\w-]+\.([\w-]+))\.([\w-]+)$/.exec(token) ?? [];
  if (!signed || createHmac("sha256", secret).update(signed).digest("base64url") !== signature) return refusal("token_invalid");
  const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString());
  return exp < Date.now() / 1000 ? refusal("token_expired") : undefined;
}

const EVENTS = {
  identify: "attendance:error",
  joinClass: "class:error",
  leaveClass: "class:error",
  initiateAttendance: "attendance:error",
  endAttendance: "attendance:error",
  attendanceMarked: "attendance:error",
  fetchAttendance: "attendance:error",
};

async function main() {
  const pool = mysql.createPool({
    host: process.env.DATABASE_HOST ?? "127.0.0.1",
    port: Number(process.env.DATABASE_PORT ?? 3306),
    user: process.env.DATABASE_USER ?? "root",
    password: process.env.DATABASE_PASSWORD ?? "",
    database: process.env.DATABASE_NAME ?? "attendance",
    timezone: "Z",
  });
  for (const statement of SCHEMA) await pool.query(statement);

  const http = createServer((request, response) => {
    response.writeHead(request.url === "/healthz" ? 200 : 404).end();
  });
  const io = new Server(http, { allowEIO3: true, ...JSON.parse(process.env.SOCKET_IO_OPTIONS ?? "{}") });
  const secret = process.env.JWT_SECRET;
  if (secret) io.use((socket, next) => next(checkToken(secret, socket)));
  const attendance = new Attendance(io, pool);

  io.on("connection", (socket) => {
    for (const [event, errorEvent] of Object.entries(EVENTS)) {
      socket.on(event, async (...sent) => {
        const ack = typeof sent.at(-1) === "function" ? sent.pop() : undefined;
        const [args] = sent;
        let reply;
        try {
          reply = await attendance[event](socket, args);
        } catch (error) {
          if (!(error instanceof Refused)) console.error(`${event}: ${error.message}`);
          const { message, reason } = error instanceof Refused ? error : new Refused("internal error", "internal_error");
          socket.emit(errorEvent, { message });
          reply = { success: false, message, reason };
        }
        ack?.(reply);
      });
    }
    socket.on("disconnecting", () => {
      for (const name of socket.rooms) {
        if (name.startsWith("class:")) attendance.left(socket, name.slice("class:".length));
      }
    });
  });

  http.listen(Number(process.env.PORT ?? 5014), process.env.HOST ?? "127.0.0.1");
  process.on("SIGTERM", () => io.close(() => process.exit(0)));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
