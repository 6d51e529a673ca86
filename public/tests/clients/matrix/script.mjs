// What a situation's script is given, in Node and in a browser.
import { Watch } from "./watch.mjs";

// Short pauses, and the same each time.
const quick = { reconnectionDelay: 20, reconnectionDelayMax: 50, randomizationFactor: 0 };

export class Script {
  #clients = [];
  #run = Math.random().toString(36).slice(2);

  /**
   * io: the client library; url: the server's; tokens: by what they are; control: does what only Node can (stage.mjs).
   */
  constructor({ io, version, url, tokens, control }) {
    Object.assign(this, { io, version, url, tokens, control });
  }

  /** A name that no other run uses. It is compared without what makes it so. */
  id(name) {
    return `${name}~${this.#run}`;
  }

  /** A client with these options. Its connection, if it has one to itself, has WebSocket as its only transport unless they say otherwise. */
  client(options = {}, { url = this.url, namespace = "", compared = true } = {}) {
    const client = new Watch(this.io(url + namespace, { transports: ["websocket"], forceNew: true, ...quick, ...options }));
    client.compared = compared;
    this.#clients.push(client);
    return client;
  }

  async connected(options, place) {
    const client = this.client(options, place);
    await client.until("connect");
    return client;
  }

  /** Lets a client identify and join a class, and returns the class's id. */
  async join(client, role = "teacher", classId = this.id("class")) {
    const userId = this.id(role);
    await client.ask("identify", { userId, role });
    await client.ask("joinClass", { userId, classId });
    return classId;
  }

  /** A relay to the server: { url, cut, block, stall, flow, encodings }. rules are those of relay.mjs. */
  async relay(rules) {
    const { id, url } = await this.control("relay", rules);
    const act = (what) => () => this.control(what, id);
    return { url, cut: act("cut"), block: act("block"), stall: act("stall"), flow: act("flow"), encodings: act("encodings") };
  }

  /** Stops, kills or starts the server, which this situation has to itself. */
  server(what) {
    return this.control(what);
  }

  async play(situation) {
    let failure;
    try {
      await situation.run(this);
      await this.#settle();
    } catch (error) {
      failure = error.message.replaceAll(this.url, "<server>");
    }
    for (const client of this.#clients) client.done = true;
    for (const client of this.#clients) client.close();
    return { saw: this.#clients.filter(({ compared }) => compared).map(({ saw }) => saw), failure };
  }

  /** What earlier events caused has arrived once a question asked later is answered. */
  async #settle() {
    for (const client of this.#clients) {
      if (client.socket.connected && client.socket.nsp === "/") await client.roundTrip();
    }
  }
}
