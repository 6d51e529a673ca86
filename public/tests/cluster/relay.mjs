// A TCP relay through which a node reaches another part, so that the node can be cut from it.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { messageFilter } from "./resp.mjs";

export class Relay {
  #target;
  #listener;
  #sockets = new Set();
  #cut = false;
  #toRedis;
  #loses = () => false;

  /** How many messages of Redis were lost. */
  lost = 0;

  /** Relays to a port of this machine, which is Redis's or another. */
  static async start(target, { toRedis = false } = {}) {
    const relay = new Relay();
    relay.#target = target;
    relay.#toRedis = toRedis;
    relay.#listener = createServer((client) => relay.#accept(client));
    relay.#listener.listen(0, "127.0.0.1");
    await once(relay.#listener, "listening");
    relay.port = relay.#listener.address().port;
    return relay;
  }

  #accept(client) {
    const server = connect(this.#target, "127.0.0.1");
    const filter = this.#toRedis ? messageFilter(() => this.#lose()) : (data) => data;
    for (const [from, to] of [[client, server], [server, client]]) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on("data", (data) => to.write(from === server ? filter(data) : data));
      from.on("end", () => to.end());
      from.on("error", () => to.destroy()); // the other side notices
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#cut) from.pause();
    }
  }

  /** Nothing passes until mend, as if a cable were out: connections neither end nor fail. */
  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** From now on loses the messages that loses() says. */
  lose(loses) {
    this.#loses = loses;
  }

  #lose() {
    const loses = this.#loses();
    if (loses) this.lost++;
    return loses;
  }

  mend() {
    this.#cut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  remove() {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
  }
}
