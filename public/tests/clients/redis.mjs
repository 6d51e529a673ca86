// A real Redis from Debian's package, with a port of its own. It stores nothing.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child, freePort, until } from "./process.mjs";

const run = promisify(execFile);

export class Redis {
  #child;

  static async start() {
    const redis = new Redis();
    redis.directory = await mkdtemp(join(tmpdir(), "attendance-redis-"));
    redis.port = await freePort();
    redis.url = `redis://127.0.0.1:${redis.port}/0`;
    await redis.start();
    return redis;
  }

  async start() {
    const child = new Child("redis-server", ["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", "", "--dir", this.directory]);
    this.#child = child;
    await until(
      () => `Redis accepts connections\n${child.output}`,
      () => {
        if (!child.running) throw new Error(`Redis exited at start:\n${child.output}`);
        return child.output.includes("Ready to accept connections");
      },
    );
  }

  /** Ends it as a power cut would. */
  async kill() {
    await this.#child.stop("SIGKILL");
  }

  /** Breaks the connections on which it notifies. What is published meanwhile is lost. */
  async cut() {
    await run("redis-cli", ["-p", `${this.port}`, "client", "kill", "type", "pubsub"]);
  }

  /** SIGSTOP holds it, SIGCONT lets it go on. */
  signal(name) {
    this.#child.process.kill(name);
  }

  /** For the end of a suite: stops it and removes its files. */
  async remove() {
    if (this.#child.running) await this.#child.stop("SIGTERM");
    await rm(this.directory, { recursive: true, force: true });
  }
}
