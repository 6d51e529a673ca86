// What clients send, and what comes back.

const both = { transports: ["polling", "websocket"] };

/** Binary data as every version takes them. */
const bytes = (...values) => new Uint8Array(values).buffer;

/** Plays on one transport after the other. */
const onEach = (run) => async (my) => {
  for (const transport of ["websocket", "polling"]) await run(my, { transports: [transport] });
};

/** An event without an acknowledgement that takes so many bytes of a WebSocket's message or a polling body. No handler knows it. */
function sendBytes(my, client, bytes) {
  const { name } = client.socket.io.engine.transport;
  const rest = '42["nothing",""]'.length + (name === "polling" && my.version === "2.x" ? `${bytes}:`.length - 1 : 0);
  client.emit("nothing", "x".repeat(bytes - rest));
}

/** A class whose attendanceData takes several kilobytes. Returns what asks for it. */
async function largeClass(my) {
  const others = await my.connected({}, { compared: false });
  const session = { classId: my.id("class"), sessionType: "lecture" };
  const visit = async (userId, role, event, data) => {
    await others.quietly("identify", { userId, role });
    await others.quietly("joinClass", { userId, classId: session.classId });
    await others.quietly(event, { ...session, ...data });
    await others.quietly("leaveClass", { userId, classId: session.classId }); // who does not leave is resumed
  };
  const teacherId = my.id("teacher");
  await visit(teacherId, "teacher", "initiateAttendance", { teacherId });
  for (let i = 10; i < 30; i++) {
    const studentId = my.id(`student ${i}`);
    await visit(studentId, "student", "attendanceMarked", { studentId, studentName: "Zoë", status: "present" });
  }
  others.close();
  return { ...session, date: new Date().toISOString().slice(0, 10) };
}

/** A client that polls reads a large attendanceData, and the encodings of the answers are compared. */
const pollsLarge = (options) => async (my) => {
  const question = await largeClass(my);
  const relay = await my.relay({});
  const client = await my.connected({ transports: ["polling"], ...(await options?.()) }, relay);
  await my.join(client, "teacher", question.classId);
  client.note("encodings of short answers", await relay.encodings());
  const { data } = await client.ask("fetchAttendance", question);
  client.note("records", data.records.length);
  client.note("encodings of a long answer", await relay.encodings());
};

export const messages = [
  { name: "a large attendanceData by polling, decompressed by the browser", chromium: ["4.x", "3.x", "2.x"], node: false, run: pollsLarge() },
  { name: "a large attendanceData by polling, not compressed for a client that does not ask for it", run: pollsLarge() },
  {
    name: "a large attendanceData by polling, decompressed by fetch",
    versions: ["4.x"],
    run: pollsLarge(async () => ({ transports: [(await import("engine.io-client")).Fetch] })),
  },
  {
    name: "a large attendanceData by polling, for a client that asks for gzip and cannot read it",
    async run(my) {
      const question = await largeClass(my);
      const relay = await my.relay({});
      const client = await my.connected({ transports: ["polling"], extraHeaders: { "Accept-Encoding": "gzip" }, reconnection: false }, relay);
      await my.join(client, "teacher", question.classId);
      client.emit("fetchAttendance", question);
      await client.until("disconnect");
      client.note("encodings", await relay.encodings());
    },
  },
  {
    name: "a lesson",
    chromium: "4.x",
    run: onEach(async (my, options) => {
      const [teacher, student] = await Promise.all([my.connected(options), my.connected(options)]);
      const classId = await my.join(teacher, "teacher", my.id(`class of ${options.transports}`));
      await my.join(student, "student", classId);
      await teacher.until("userJoined");
      const session = { classId, sessionType: "lecture" };
      await teacher.ask("initiateAttendance", { ...session, teacherId: my.id("teacher"), frequency: [17_500, 18_000] });
      for (const client of [teacher, student]) await client.until("attendanceStarted");
      await student.ask("attendanceMarked", { ...session, studentId: my.id("student"), studentName: "Zoë", status: "late" });
      for (const client of [teacher, student]) await client.until("attendanceUpdate");
      await teacher.ask("fetchAttendance", { ...session, date: new Date().toISOString().slice(0, 10) });
      await teacher.ask("endAttendance", { ...session, teacherId: my.id("teacher") });
      for (const client of [teacher, student]) await client.until("attendanceEnded");
      await student.ask("leaveClass", { classId, userId: my.id("student") });
      await teacher.until("userLeft");
    }),
  },
  {
    name: "errors",
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      const classId = await my.join(client, "student");
      const session = { classId, sessionType: "lecture" };
      await client.ask("initiateAttendance", { ...session, teacherId: my.id("student") });
      await client.ask("endAttendance", { ...session, teacherId: my.id("student") });
      await client.ask("attendanceMarked", { ...session, studentId: my.id("student") });
      await client.ask("attendanceMarked", { classId, studentId: my.id("student") });
      client.emit("joinClass", { userId: my.id("student") });
      await client.until("class:error");
    }),
  },
  {
    name: "one who joins late",
    async run(my) {
      const [teacher, late] = await Promise.all([my.connected(), my.connected()]);
      const classId = await my.join(teacher);
      await teacher.ask("initiateAttendance", { classId, teacherId: my.id("teacher"), sessionType: "lab" });
      await my.join(late, "student", classId);
      await late.until("attendanceStarted");
      await teacher.until("userJoined");
      late.socket.disconnect();
      await teacher.until("userLeft");
    },
  },
  {
    name: "200 acknowledgements at once",
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      await Promise.all(Array.from({ length: 200 }, (_, i) => client.ask("identify", { userId: i, role: "student" })));
    }),
  },
  {
    name: "emitWithAck",
    versions: ["4.x"],
    async run(my) {
      const client = await my.connected(both);
      await client.until("upgrade");
      client.note("answer", await client.socket.emitWithAck("identify", { userId: "a", role: "student" }));
      client.note("answer", await client.socket.timeout(5_000).emitWithAck("identify", { userId: "b", role: "student" }));
    },
  },
  {
    name: "timeout of an acknowledgement, with an event that nobody knows",
    versions: ["4.x"],
    differs: "An event that no handler knows, with an acknowledgement",
    async run(my) {
      const client = await my.connected();
      client.note("answer", await client.socket.timeout(3_000).emitWithAck("nothing", 1).catch(({ message }) => message));
    },
  },
  {
    name: "an event that nobody knows, without an acknowledgement",
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      client.emit("nothing", { a: [1, null, "x"] }, 2);
      await my.join(client);
    }),
  },
  {
    name: "retries and ackTimeout",
    versions: ["4.x"],
    async run(my) {
      const client = await my.connected({ ...both, retries: 3, ackTimeout: 5_000 });
      const sent = (userId) =>
        new Promise((resolve) => client.socket.emit("identify", { userId, role: "student" }, (error, reply) => resolve([error, reply])));
      for (const answer of await Promise.all(["a", "b", "c"].map(sent))) client.note("answer", ...answer);
      await client.until("upgrade");
    },
  },
  {
    name: "retries over a connection that is lost before the acknowledgement",
    versions: ["4.x"],
    async run(my) {
      const { url } = await my.relay({ cutAt: { text: '[{"success"', lost: true } });
      const client = await my.connected({ retries: 3, ackTimeout: 5_000 }, { url });
      const answer = await new Promise((resolve) =>
        client.socket.emit("identify", { userId: "a", role: "student" }, (...answer) => resolve(answer)));
      client.note("answer", ...answer);
    },
  },
  {
    name: "volatile while connected and while not",
    async run(my) {
      const client = my.client({ autoConnect: false });
      const volatile = client.socket.volatile ?? client.socket; // 2.x in Node has none
      if (client.socket.volatile) volatile.emit("joinClass", {}); // is dropped; else a class:error would come
      client.socket.open();
      await client.until("connect");
      await client.ask("identify", { userId: "a", role: "student" }); // by now the transport is writable
      volatile.emit("joinClass", {});
      await client.until("class:error");
    },
  },
  {
    name: "events before the connection",
    async run(my) {
      const client = my.client(both);
      const classId = my.id("class");
      const userId = my.id("early");
      await Promise.all([client.ask("identify", { userId, role: "student" }), client.ask("joinClass", { userId, classId })]);
      await client.until("upgrade");
    },
  },
  {
    name: "compress(false)",
    async run(my) {
      const client = await my.connected();
      await my.join(client);
      client.socket.compress(false).emit("joinClass", {});
      await client.until("class:error");
    },
  },
  {
    name: "binary arguments",
    chromium: "4.x",
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      client.emit("nothing", bytes(1, 2, 3), { deep: [new ArrayBuffer(70_000)] });
      await my.join(client);
    }),
  },
  {
    name: "binary arguments with forceBase64",
    async run(my) {
      const client = await my.connected({ ...both, forceBase64: true });
      client.emit("nothing", bytes(1, 2, 3));
      await client.until("upgrade");
      client.emit("nothing", bytes(1, 2, 3));
      await my.join(client);
    },
  },
  {
    name: "11 binary arguments in one event",
    run: onEach(async (my, options) => {
      const client = await my.connected({ ...options, reconnection: false });
      client.emit("nothing", ...Array.from({ length: 11 }, () => bytes(1)));
      await client.until("disconnect");
    }),
  },
  {
    name: "a packet as big as the limit",
    setup: "100 kB",
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      sendBytes(my, client, 100_000);
      await my.join(client);
    }),
  },
  {
    name: "a packet over the limit",
    setup: "100 kB",
    chromium: "4.x",
    run: onEach(async (my, options) => {
      const client = await my.connected({ ...options, reconnection: false });
      sendBytes(my, client, 100_001);
      await client.until("disconnect");
    }),
  },
  {
    name: "a packet far over the limit",
    setup: "100 kB",
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      sendBytes(my, client, 300_000);
      await client.until("disconnect");
      await client.until("connect");
    }),
  },
  {
    name: "many packets that are over the limit together",
    setup: "100 kB",
    versions: ["4.x"], // the others put all of them into one body
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      for (let i = 0; i < 5; i++) sendBytes(my, client, 60_000);
      await my.join(client);
    }),
  },
  {
    name: "text that is not ASCII",
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      const classId = my.id("Algèbre – 代数 🎓 \u2028");
      const userId = my.id("बो\"\\");
      await client.ask("identify", { userId, role: "student" });
      await client.ask("joinClass", { userId, classId: my.id(classId) });
    }),
  },
  {
    name: "arguments that the protocol does not have",
    run: onEach(async (my, options) => {
      const client = await my.connected(options);
      for (const args of [[], [null], [{}], [{ classId: "" }]]) await client.ask("joinClass", ...args);
    }),
  },
];
