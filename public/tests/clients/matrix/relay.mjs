// A TCP relay in front of a server: the proxies and networks that clients meet.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * What a relay does, besides passing everything on:
 * - refuse: n    ends the first n connections at once
 * - hold         passes nothing on
 * - noWebSocket  answers 400 to requests for a WebSocket, as a proxy does that knows none
 * - noPolling    answers 400 to requests for a poll
 * - cutAt        { text, times = 1, lost }: ends a connection in which the server has sent this text, times times. lost: the
 *                client does not get the text any more
 * - idle         ends, once, a connection in which nothing was sent for so many milliseconds
 */
export class Relay {
  #connections = new Set();
  #rules;
  #target;
  #blocked = false;
  #stalled = false;
  #encodings = new Set();

  static async start(target, rules = {}) {
    const relay = new Relay();
    relay.#target = new URL(target);
    relay.#rules = { refuse: 0, ...rules, cutAt: rules.cutAt && { times: 1, ...rules.cutAt } };
    relay.server = createServer((client) => relay.#accept(client)).listen(0, "127.0.0.1");
    await once(relay.server, "listening");
    relay.url = `http://127.0.0.1:${relay.server.address().port}`;
    return relay;
  }

  #accept(client) {
    const rules = this.#rules;
    client.on("error", () => {}); // "close" follows
    if (this.#blocked || rules.refuse-- > 0) return client.destroy();
    const server = connect(Number(this.#target.port), this.#target.hostname);
    server.on("error", () => {});
    const connection = { client, server };
    this.#connections.add(connection);
    const end = () => {
      this.#connections.delete(connection);
      client.destroy();
      server.destroy();
    };
    client.on("close", end);
    server.on("close", () => this.#stalled || end());
    const idle = () => {
      if (rules.idle) end();
      rules.idle = 0;
    };
    if (rules.idle) client.setTimeout(rules.idle, idle); // what comes from either side restarts it
    client.on("data", (data) => {
      if (rules.hold || this.#stalled) return;
      if ((rules.noWebSocket && /^upgrade: websocket/im.test(data)) || (rules.noPolling && /^GET .*[?&]transport=polling/.test(data))) {
        client.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      server.write(data);
    });
    server.on("data", (data) => {
      if (this.#stalled) return;
      this.#note(data);
      const { cutAt } = rules;
      if (!cutAt?.times || !data.includes(cutAt.text)) return client.write(data);
      cutAt.times--;
      if (cutAt.lost) return end();
      server.removeAllListeners("data");
      client.end(data, () => end());
    });
    return undefined;
  }

  #note(data) {
    const [header] = /^HTTP\/1\.1 200 [^]*?\r\n\r\n/.exec(data.toString("latin1")) ?? [];
    const [, encoding] = /^content-encoding: (.*)\r$/im.exec(header) ?? [];
    if (encoding) this.#encodings.add(encoding);
  }

  /** The different Content-Encodings of the answers until now. Node.js and Go send each header in one piece. */
  encodings() {
    return [...this.#encodings];
  }

  /** Ends every connection. Later ones are passed on. */
  cut() {
    for (const { client } of this.#connections) client.destroy();
  }

  /** Ends every connection, and each that is opened before flow is called. */
  block() {
    this.#blocked = true;
    this.cut();
  }

  /** Lets nothing through any more, and ends nothing: the network of a phone that has left the building. */
  stall() {
    this.#stalled = true;
  }

  flow() {
    this.#blocked = this.#stalled = false;
    this.cut(); // what was sent meanwhile is lost
  }

  async close() {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }
}
