// A client of one class that records what it does and sees. It enters the class again after every reconnect, as a frontend does.
import { setTimeout as pause } from "node:timers/promises";
import { onEveryEvent, open } from "../clients/client.mjs";

/** How long a client waits for an answer before it counts as lost. Longer than any fault. */
const ANSWER_DEADLINE = 60_000;

// Tries of the library, quicker than by default so that a run has more of them.
const reconnection = { reconnectionDelay: 200, reconnectionDelayMax: 2000 };

/** What the server sends a user who was removed from the class. */
export const noLongerIn = "You are no longer in this class";

/**
 * Its record is a list of entries in the order in which they happened, each with the time "at" in milliseconds:
 * connect (node), break, disconnect (reason), gone, event (event, data), sent (id, event, data), answer (id, event, answer), remove (the
 * user is about to be removed from the class), removed (that is done). The answer to what the client sent is missing if the connection
 * broke before.
 */
export class Observer {
  record;
  active = new Set(); // session types that the client takes for active
  recent = []; // session types that it has been told of, the last ones
  #ids = 0;
  #lost = [];
  #asked = new Set(); // of what was sent and has no answer yet, as promises
  #entered;
  #connections = 0;
  #absence = 0; // how long to stay away when the connection is lost
  #removing; // settled when it is known whether the user was removed

  constructor(url, { userId, role, classId, version, transport }) {
    this.record = { userId, role, classId, version, transport, entries: [] };
    this.#awaitEntry();
    this.socket = open(url, { version, transport, ...reconnection });
    this.socket.on("connect", () => this.#enter());
    this.socket.on("disconnect", (reason) => this.#disconnected(reason));
    onEveryEvent(this.socket, (event, data) => this.#arrived(event, data));
  }

  /** Sends an event and resolves with its answer, or with undefined if the connection broke before the answer came. */
  ask(event, data) {
    if (!this.socket.connected) return Promise.resolve(undefined);
    const id = ++this.#ids;
    this.#add("sent", { id, event, data });
    const answered = new Promise((resolve) => {
      const timer = setTimeout(resolve, ANSWER_DEADLINE);
      const settle = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#lost.push(settle);
      this.socket.emit(event, data, (answer) => {
        this.#add("answer", { id, event, answer });
        this.#lost.splice(this.#lost.indexOf(settle), 1);
        settle(answer);
      });
    });
    this.#asked.add(answered);
    return answered.finally(() => this.#asked.delete(answered));
  }

  fetch(sessionType) {
    return this.ask("fetchAttendance", { classId: this.record.classId, date: new Date().toISOString(), sessionType });
  }

  /** Breaks the connection as a bad network would, if there is one. The client connects again by itself. */
  breakConnection() {
    if (!this.socket.connected) return;
    this.#add("break", {});
    this.socket.io.engine.close();
  }

  /** Comes back only so many milliseconds after it has lost the connection that it has, whenever that is. */
  stayAway(ms) {
    if (!this.socket.connected) return;
    this.#absence = ms;
    this.socket.io.reconnection(false);
  }

  /** Goes for good. */
  leave() {
    this.#add("gone", {});
    this.close();
  }

  /**
   * Has the user removed from the class, waits so many milliseconds, and enters again. Remove resolves with whether the server confirmed it.
   */
  async removed(remove, ms) {
    const connection = this.#connections;
    this.#awaitEntry(); // so that it sends nothing more: who sends something gets an answer, in the class or not
    await Promise.all(this.#asked);
    if (!this.socket.connected || connection !== this.#connections) return;
    this.#add("remove", {});
    this.#removing = remove();
    if (await this.#removing) this.#add("removed", {});
    this.#removing = undefined;
    await pause(ms);
    if (!this.inClass) this.breakConnection();
  }

  close() {
    clearTimeout(this.return);
    this.socket.close();
  }

  #add(kind, entry) {
    this.record.entries.push({ at: Date.now(), kind, ...entry });
  }

  #awaitEntry() {
    this.inClass = false;
    const before = this.#entered;
    this.entered = new Promise((resolve) => (this.#entered = resolve));
    before?.(this.entered); // who still waits for the last connection waits for the next
  }

  #disconnected(reason) {
    if (this.#absence > 0) {
      this.#add("break", {});
      this.return = setTimeout(() => {
        this.socket.io.reconnection(true);
        this.socket.connect();
      }, this.#absence);
      this.#absence = 0;
    }
    this.#add("disconnect", { reason });
    this.#awaitEntry();
    for (const resolve of this.#lost.splice(0)) resolve(undefined);
  }

  async #enter() {
    const { userId, role, classId } = this.record;
    this.active.clear();
    const { id } = this.socket.io.engine;
    this.node = id.includes(".") ? id.slice(0, id.indexOf(".")) : "";
    this.#add("connect", { node: this.node });
    const connection = ++this.#connections;
    await this.#removing; // or it could be removed from the class that it has just entered
    if (connection !== this.#connections || !this.socket.connected) return;
    this.ask("identify", { userId, role });
    const joined = await this.ask("joinClass", { userId, classId });
    if (!joined?.success) {
      if (joined) this.breakConnection(); // the database may be away
      return;
    }
    await Promise.all([...this.active].map((sessionType) => this.fetch(sessionType)));
    if (!this.socket.connected) return;
    this.inClass = true;
    this.#entered();
  }

  #arrived(event, data) {
    this.#add("event", { event, data });
    if (event === "attendanceStarted") {
      this.active.add(data.sessionType);
      this.recent = [...this.recent.filter((type) => type !== data.sessionType), data.sessionType].slice(-5);
    }
    if (event === "attendanceEnded") this.active.delete(data.sessionType);
    // A removal whose request failed may be done by a node that was held.
    if (event === "class:error" && data.message === noLongerIn && this.inClass) {
      this.#add("remove", {});
      this.breakConnection();
    }
  }
}
