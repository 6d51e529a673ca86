// The attendance server under test: the binary that SERVER_BINARY names, as a separate process.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { Child, freePort, until } from "./process.mjs";
import { secret } from "./token.mjs";

const binary = process.env.SERVER_BINARY;
if (!binary) throw new Error("SERVER_BINARY is not set: run these tests with `make test-clients`.");

export class Server {
  #child;
  #env;

  /** Starts a server that is ready when the promise resolves. settings are environment variables as in .env.example. */
  static async start(settings = {}) {
    const server = new Server();
    server.directory = await mkdtemp(join(tmpdir(), "attendance-clients-"));
    const port = await freePort();
    server.url = `http://127.0.0.1:${port}`;
    server.#env = {
      PATH: process.env.PATH,
      HOST: "127.0.0.1",
      PORT: String(port),
      DATA_DIR: server.directory,
      LOG_LEVEL: "warn",
      GORACE: "atexit_sleep_ms=0", // otherwise the race detector waits a second before the process exits
      ...settings,
    };
    await server.start();
    return server;
  }

  async start() {
    // The working directory is an empty one, so that no developer's .env is read.
    const child = new Child(binary, [], { cwd: this.directory, env: this.#env });
    this.#child = child;
    await until(
      () => `the server is ready\n${child.output}`,
      () => {
        assert.ok(child.running, `the server exited at start:\n${child.output}`);
        return this.ready();
      },
    );
  }

  /** What it has logged since the last forget. */
  get log() {
    return this.#child.output;
  }

  forget() {
    this.#child.output = "";
  }

  /** Whether /readyz says that the server can work. */
  async ready() {
    const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
    return answer?.ok ?? false;
  }

  /** Stops it as an operator would. It has to exit with 0, without a panic and without a data race. */
  async stop() {
    const child = this.#child;
    const { code, signal } = await child.stop("SIGTERM");
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.output);
    assert.doesNotMatch(child.output, /DATA RACE|panic/);
  }

  /** Ends it as a power cut would. */
  async kill() {
    const child = this.#child;
    await child.stop("SIGKILL");
    assert.doesNotMatch(child.output, /DATA RACE|panic/);
  }

  /** SIGSTOP holds it, SIGCONT lets it go on. */
  signal(name) {
    this.#child.process.kill(name);
  }

  /** For the end of a suite: stops it and removes its files. */
  async remove() {
    if (this.#child.running) await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A server of each mode, there while the tests of the describe that calls this run. */
export function serversOfBothModes() {
  const servers = {};
  before(async () => {
    servers.open = await Server.start();
    servers.signed = await Server.start({ JWT_SECRET: secret });
  });
  after(async () => {
    await servers.open?.remove();
    await servers.signed?.remove();
  });
  return servers;
}
