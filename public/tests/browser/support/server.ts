import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DEADLINE = 30_000;

export interface Server {
  url: string;
  stop: () => Promise<void>;
}

/** Starts the server binary with the demo class, its own database and its own port. */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const binary = process.env.SERVER_BINARY;
  if (!binary) throw new Error("SERVER_BINARY is not set; run these tests with `make test-browser`.");
  const directory = await mkdtemp(join(tmpdir(), "attendance-browser-"));
  const port = await freePort();
  let output = "";
  // In an empty directory, so that no developer's .env is read.
  const child = spawn(binary, {
    cwd: directory,
    // GORACE: otherwise the race detector waits a second before the process exits.
    env: { HOST: "127.0.0.1", PORT: String(port), DATA_DIR: directory, DEMO: "true", LOG_LEVEL: "warn", GORACE: "atexit_sleep_ms=0", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child, () => output);
  return {
    url,
    stop: async () => {
      const exited = child.exitCode === null ? once(child, "exit") : undefined;
      child.kill("SIGTERM");
      await exited;
      await rm(directory, { recursive: true, force: true });
      if (/DATA RACE|panic:/.test(output)) throw new Error(`the server failed:\n${output}`);
    },
  };
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const end = Date.now() + DEADLINE;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server exited at start:\n${output()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > end) throw new Error(`the server was not ready within ${DEADLINE} ms:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
