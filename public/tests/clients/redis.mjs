// A real Redis from Debian's package, with a port of its own, that keeps nothing.
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child, freePort, until } from "./process.mjs";

export class Redis {
  #child;

  static async start() {
    const redis = new Redis();
    redis.directory = await mkdtemp(join(tmpdir(), "attendance-redis-"));
    const port = await freePort();
    redis.url = `redis://127.0.0.1:${port}`;
    const child = new Child("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", redis.directory]);
    redis.#child = child;
    await until(() => `Redis answers\n${child.output}`, () => opens(port));
    return redis;
  }

  /** For the end of a suite: stops it and removes its files. */
  async remove() {
    await this.#child.stop("SIGTERM");
    await rm(this.directory, { recursive: true, force: true });
  }
}

const opens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
