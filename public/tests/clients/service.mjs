// The server under a service manager that keeps its socket open, as deploy/attendance.socket makes systemd do. systemd-socket-activate
// opens the socket; a shell stands for the manager, and starts the server again whenever it ends.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child, freePort, until } from "./process.mjs";

const binary = process.env.SERVER_BINARY;

// Each server is a process of its own, whose id is LISTEN_PID and the content of the file "pid".
const manager = 'while :; do sh -c \'echo $$ > pid; LISTEN_PID=$$ exec "$0"\' "$0"; echo "the server has ended with $?" >&2; done';

export class Service {
  #child;

  /** Starts a service whose server answers when the promise resolves. settings are environment variables as in .env.example. */
  static async start(settings = {}) {
    const service = new Service();
    service.directory = await mkdtemp(join(tmpdir(), "attendance-service-"));
    const port = await freePort();
    service.url = `http://127.0.0.1:${port}`;
    const env = { DATA_DIR: service.directory, LOG_LEVEL: "warn", GORACE: "atexit_sleep_ms=0", ...settings };
    const passed = Object.entries(env).flatMap(([name, value]) => ["-E", `${name}=${value}`]);
    const child = new Child("systemd-socket-activate", ["-l", `127.0.0.1:${port}`, ...passed, "sh", "-c", manager, binary], {
      cwd: service.directory,
      detached: true, // a process group, which remove ends
    });
    service.#child = child;
    await until(() => `the socket is open\n${child.output}`, () => child.output.includes("Listening on"));
    await service.ready();
    return service;
  }

  /** Waits until a server answers. Until then the request waits in the socket. */
  async ready() {
    await until(
      () => `the service answers\n${this.log}`,
      async () => {
        assert.ok(this.#child.running, this.log);
        return (await fetch(`${this.url}/readyz`, { headers: { Connection: "close" } }).catch(() => undefined))?.ok;
      },
    );
  }

  get log() {
    return this.#child.output;
  }

  #pid() {
    return readFile(join(this.directory, "pid"), "utf8").then(Number);
  }

  /** Ends the server with SIGTERM, as `systemctl restart` does, and waits until the next one runs. */
  async restart() {
    const before = await this.#pid();
    process.kill(before, "SIGTERM");
    await until(() => `another server runs\n${this.log}`, async () => (await this.#pid()) !== before);
    await this.ready();
    assert.doesNotMatch(this.log, /DATA RACE|panic|has ended with [1-9]/);
  }

  async remove() {
    process.kill(-this.#child.process.pid, "SIGKILL");
    await this.#child.exited;
    await rm(this.directory, { recursive: true, force: true });
  }
}
