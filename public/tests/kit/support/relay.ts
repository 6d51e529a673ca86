import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A TCP relay to a server, through which one client's connection can be lost. */
export class Relay {
  readonly #sockets = new Set<Socket>();
  #cut = false;

  private constructor(readonly url: string, readonly listener: Server) {}

  static async start(target: string): Promise<Relay> {
    const { hostname, port } = new URL(target);
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const relay = new Relay(`http://127.0.0.1:${(listener.address() as AddressInfo).port}`, listener);
    listener.on("connection", (client) => relay.#accept(client, connect(Number(port), hostname)));
    return relay;
  }

  #accept(client: Socket, server: Socket): void {
    for (const [from, to] of [[client, server], [server, client]] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    if (this.#cut) client.destroy();
  }

  /** Loses what is on its way in both directions, and every new connection until mend. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#cut = false;
  }

  remove(): void {
    this.cut();
    this.listener.close();
  }
}
