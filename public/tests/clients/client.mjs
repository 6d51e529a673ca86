// The official Socket.IO clients of three major versions with one interface.
import assert from "node:assert/strict";
import { io as io4 } from "socket.io-client";
import { io as io3 } from "socket.io-client-3";
import io2 from "socket.io-client-2";
import { DEADLINE, within } from "./process.mjs";

const versions = { "4.x": io4, "3.x": io3, "2.x": io2 };
const transports = { websocket: ["websocket"], polling: ["polling"], upgrade: ["polling", "websocket"] };

/** Every client version over every transport, as options for Client.connect. */
export const kinds = Object.keys(versions).flatMap((version) =>
  Object.keys(transports).map((transport) => ({ version, transport })),
);

/** Each client version over another transport. */
export const versionKinds = [
  { version: "2.x", transport: "polling" },
  { version: "3.x", transport: "upgrade" },
  { version: "4.x", transport: "websocket" },
];

/** Opens a socket of a client version over a transport. Options are the library's own. */
export function open(url, { version, transport, ...options }) {
  return versions[version](url, { transports: transports[transport], forceNew: true, ...options });
}

/** Calls arrived with every event that comes. */
export function onEveryEvent(socket, arrived) {
  if (socket.onAny) {
    socket.onAny(arrived);
    return;
  }
  // 2.x has no onAny. This is where all its events pass.
  const { onevent } = socket;
  socket.onevent = (packet) => {
    arrived(...packet.data);
    onevent.call(socket, packet);
  };
}

export class Client {
  /** The events that have arrived and that the test has not read yet, in order: { event, data }. */
  unread = [];
  #waiting = [];

  /** Connects and resolves when connected; with transport "upgrade", when upgraded. Options beyond version and
   * transport are the library's own. */
  static async connect(server, { version = "4.x", transport = "websocket", ...options } = {}) {
    const client = new Client(server, { version, transport, ...options });
    await client.connected();
    return client;
  }

  constructor(server, { version = "4.x", transport = "websocket", ...options } = {}) {
    this.transport = transport;
    this.socket = open(server.url, { version, transport, ...options });
    this.socket.on("connect_error", (error) => (this.refusal = error));
    onEveryEvent(this.socket, (event, data) => this.#arrived(event, data));
  }

  async connected() {
    const { socket } = this;
    if (!socket.connected) {
      await within(DEADLINE, () => `connects (${this.refusal ?? "no answer"})`, new Promise((resolve) => socket.once("connect", resolve)));
    }
    const { engine } = socket.io;
    if (this.transport === "upgrade" && engine.transport.name !== "websocket") {
      await within(DEADLINE, "upgrades to WebSocket", new Promise((resolve) => engine.once("upgrade", resolve)));
    }
    assert.equal(engine.transport.name, this.transport === "polling" ? "polling" : "websocket");
  }

  /** Resolves with the reason when the connection is lost or closed. */
  disconnected() {
    return within(DEADLINE, "is disconnected", new Promise((resolve) => this.socket.once("disconnect", resolve)));
  }

  /** Resolves with the error with which the server refuses the connection. In 2.x that is a string in an event of its own. */
  refused() {
    return within(
      DEADLINE,
      "is refused",
      new Promise((resolve) => {
        this.socket.once("connect_error", resolve);
        this.socket.once("error", resolve);
      }),
    );
  }

  emit(event, ...args) {
    this.socket.emit(event, ...args);
  }

  /** Emits with an acknowledgement callback and resolves with what the server gives it. */
  ask(event, ...args) {
    return within(DEADLINE, `${event} is acknowledged`, new Promise((resolve) => this.socket.emit(event, ...args, resolve)));
  }

  /** The data of the first unread event of that name that has these values, now or when it arrives. */
  async next(event, values = {}) {
    const wanted = (message) =>
      message.event === event && Object.entries(values).every(([key, value]) => Object.is(message.data?.[key], value));
    const index = this.unread.findIndex(wanted);
    if (index >= 0) return this.unread.splice(index, 1)[0].data;
    return within(
      DEADLINE,
      () => `${event} ${JSON.stringify(values)} arrives; unread: ${JSON.stringify(this.unread)}`,
      new Promise((resolve) => this.#waiting.push({ wanted, resolve })),
    );
  }

  #arrived(event, data) {
    const message = { event, data };
    const index = this.#waiting.findIndex(({ wanted }) => wanted(message));
    if (index < 0) this.unread.push(message);
    else this.#waiting.splice(index, 1)[0].resolve(data);
  }

  /** One request and its answer. The server handles a socket's events one after the other and keeps their order, so the server
   * has sent by then whatever earlier events caused. */
  async roundTrip() {
    await this.ask("fetchAttendance", { classId: "nowhere", date: "2000-01-01", sessionType: "round-trip" });
    await this.next("attendanceData", { sessionType: "round-trip" });
  }

  close() {
    this.socket.close();
  }
}

/** Resolves when all that these clients' events so far have caused has arrived at all of them. */
export async function settled(...clients) {
  await Promise.all(clients.map((client) => client.roundTrip()));
  await Promise.all(clients.map((client) => client.roundTrip()));
}

/** Asserts that these clients received nothing but what the test has read. */
export async function nothingElse(...clients) {
  await settled(...clients);
  for (const client of clients) assert.deepEqual(client.unread, []);
}
