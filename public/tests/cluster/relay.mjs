// A TCP relay through which a node reaches another part, so that the node can be cut from it.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Relay {
  #target;
  #listener;
  #sockets = new Set();
  #cut = false;

  /** Relays to a port of this machine. */
  static async start(target) {
    const relay = new Relay();
    relay.#target = target;
    relay.#listener = createServer((client) => relay.#accept(client));
    relay.#listener.listen(0, "127.0.0.1");
    await once(relay.#listener, "listening");
    relay.port = relay.#listener.address().port;
    return relay;
  }

  #accept(client) {
    const server = connect(this.#target, "127.0.0.1");
    for (const [from, to] of [[client, server], [server, client]]) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on("data", (data) => to.write(data));
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

  mend() {
    this.#cut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  remove() {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
  }
}
