// A process that ends with the tests, and a free port for it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** The longest that a single expected event may take. Only a failing test waits for it. */
export const DEADLINE = 20_000;

/** Settles like promise, or rejects after ms with what did not happen. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${typeof what === "function" ? what() : what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Calls probe until it returns something truthy. For what sends no event: a port that opens, a file that appears. */
export async function until(what, probe) {
  const end = Date.now() + DEADLINE;
  for (;;) {
    const result = await probe();
    if (result) return result;
    if (Date.now() > end) throw new Error(`not within ${DEADLINE} ms: ${typeof what === "function" ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A free port below the range from which the system takes those of outgoing connections, so that a server that is
 * down for a moment finds it free again. */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer();
    probe.listen(port, "127.0.0.1");
    const free = await once(probe, "listening").then(() => true, () => false);
    if (!free) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

/** A child process with what it has printed so far. The kernel kills it when this process dies, however it dies. */
export class Child {
  output = "";

  constructor(command, args, options) {
    this.process = spawn("setpriv", ["--pdeathsig", "KILL", command, ...args], { stdio: ["ignore", "pipe", "pipe"], ...options });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.output += text));
    }
    // "close" comes after "exit", when all output has been read.
    this.exited = once(this.process, "close").then(([code, signal]) => ({ code, signal }));
  }

  get running() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  async stop(signal) {
    this.process.kill(signal);
    return within(DEADLINE, () => `${this.process.spawnargs.at(-1)} stops\n${this.output}`, this.exited);
  }
}
