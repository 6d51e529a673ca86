// What one client sees, written down so that two servers can be compared. Runs in Node and in a browser.

/** The longest that a script waits for one thing. Only a script that fails waits so long. */
const DEADLINE = 20_000;

const ROUND_TRIP = "round-trip";

/** Settles like promise, or rejects after the deadline and says what did not happen. */
export async function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not happen: ${typeof what === "function" ? what() : what}`)), DEADLINE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A value in which times and the names that are different in each run are replaced, and so are texts that are free. */
export function normalised(value, key) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (Array.isArray(value)) return value.map((element) => normalised(element));
  if (value && typeof value === "object") {
    const free = value.success !== false && Object.keys(value).length > 1; // a refusal's message is part of the protocol
    return Object.fromEntries(
      Object.keys(value).sort().map((name) => [name, name === "message" && free ? typeof value[name] : normalised(value[name], name)]),
    );
  }
  if (typeof value !== "string") return value;
  if (key === "recordedAt" || /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return "<time>";
  return value.replace(/~[a-z0-9]+/g, "");
}

/** A client whose connection, transports and events are written down, each in an order of its own: what happens to one
 * says nothing about when it happens to the others. */
export class Watch {
  saw = { connection: [], transports: [], events: [] };
  #waiting = [];
  #read = {};

  constructor(socket) {
    this.socket = socket;
    this.#watchConnection();
    this.#watchTransports();
    const { onevent } = socket; // 2.x has no onAny; all events of every version pass here
    socket.onevent = (packet) => {
      const [event, ...args] = packet.data;
      if (args[0]?.sessionType !== ROUND_TRIP) this.#note("events", event, ...args);
      onevent.call(socket, packet);
    };
  }

  #watchConnection() {
    const { socket } = this;
    socket.on("connect", () => this.#note("connection", "connect"));
    socket.on("disconnect", (reason) => this.#note("connection", "disconnect", reason));
    const failed = (error) => {
      const { message = error, data, description } = Object(error);
      const status = typeof description === "number" && description > 0 ? [description] : [];
      const details = data && typeof data === "object" ? [data] : [];
      const line = JSON.stringify(["connect_error", message, ...status, ...details].map((part) => normalised(part)));
      // How often a client tries while a server is away depends on how long it is away.
      if (JSON.stringify(this.saw.connection.at(-1)) !== line) this.#note("connection", "connect_error", message, ...status, ...details);
    };
    socket.on("connect_error", failed);
    if (socket.io.constructor.prototype.emitAll) socket.on("error", failed); // how 2.x names a refusal
    const lost = () => this.saw.connection.length === 0 && this.#note("connection", "connection lost");
    socket.io.on("close", lost);
    socket.io.on("reconnect_failed", () => this.#note("connection", "reconnect_failed"));
  }

  #watchTransports() {
    const manager = this.socket.io;
    let watched;
    const watch = () => {
      const { engine } = manager;
      if (engine === watched) return;
      watched = engine;
      this.#note("transports", engine.transport.name);
      engine.on("upgrade", ({ name }) => this.#note("transports", "upgrade", name));
      engine.on("upgradeError", ({ message }) => this.#note("transports", "upgradeError", message));
    };
    manager.on("open", watch);
    if (manager._readyState === "open" || manager.readyState === "open") watch();
  }

  #note(lane, kind, ...details) {
    if (this.done) return;
    this.saw[lane].push([kind, ...details].map((part) => normalised(part)));
    const index = this.#waiting.findIndex((waiting) => waiting.kind === kind);
    if (index >= 0) this.#waiting.splice(index, 1)[0].resolve(details);
    else (this.#read[kind] ??= []).push(details);
  }

  /** Writes down what a script learns in another way. */
  note(kind, ...details) {
    this.#note("events", kind, ...details);
  }

  /** The details of the next thing of this kind that no until has returned, now or when it is there. */
  async until(kind) {
    if (this.#read[kind]?.length) return this.#read[kind].shift();
    return within(() => `${kind}; saw ${JSON.stringify(this.saw)}`, new Promise((resolve) => this.#waiting.push({ kind, resolve })));
  }

  emit(event, ...args) {
    this.socket.emit(event, ...args);
  }

  /** Emits with an acknowledgement callback, writes its arguments down and returns the first. */
  async ask(event, ...args) {
    const [reply] = await this.quietly(event, ...args);
    this.#note("events", `acknowledgement of ${event}`, reply);
    return reply;
  }

  /** Like ask, but writes nothing down: for a client that is not the one to be compared. */
  quietly(event, ...args) {
    const answered = new Promise((resolve) => this.socket.emit(event, ...args, (...reply) => resolve(reply)));
    return within(() => `acknowledgement of ${event}; saw ${JSON.stringify(this.saw)}`, answered);
  }

  /** Resolves when the connection that the client has given up is closed, too. */
  async closed() {
    const { engine } = this.socket.io;
    if (engine.readyState === "closed") return;
    await within("the connection closes", new Promise((resolve) => engine.once("close", resolve)));
  }

  /** Resolves after so many heartbeats. */
  heartbeats(count) {
    const { engine } = this.socket.io;
    const received = ({ type }, resolve) => (type === "ping" || type === "pong") && --count === 0 && resolve();
    return within("heartbeats", new Promise((resolve) => engine.on("packet", (packet) => received(packet, resolve))));
  }

  /** One question and its answer, which are not written down. */
  roundTrip() {
    return this.quietly("fetchAttendance", { classId: "nowhere", date: "2000-01-01", sessionType: ROUND_TRIP });
  }

  close() {
    this.socket.close();
    this.socket.io.engine?.close?.();
  }
}
