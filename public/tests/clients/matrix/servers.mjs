// The two servers that are compared, with the same settings.
import { fileURLToPath } from "node:url";
import { Child, freePort, until } from "../process.mjs";
import { Server } from "../server.mjs";
import { secret } from "../token.mjs";

const directory = fileURLToPath(new URL("../../../../server/loadtest/reference", import.meta.url));

/** Settings that situations ask for: environment variables of this server, and of the official one its options. */
export const setups = {
  open: {},
  signed: { settings: { JWT_SECRET: secret }, environment: { JWT_SECRET: secret } },
  "quick heartbeat": {
    settings: { PING_INTERVAL: "500ms", PING_TIMEOUT: "5s" },
    options: { pingInterval: 500, pingTimeout: 5_000 },
  },
  "another path": { settings: { SOCKET_PATH: "/live" }, options: { path: "/live" } },
  "100 kB": { settings: { MAX_PAYLOAD: "100000" }, options: { maxHttpBufferSize: 100_000 } },
  "another origin": { settings: { CORS_ORIGINS: "https://elsewhere.example" }, options: { cors: { origin: "https://elsewhere.example" } } },
};

/** The official Socket.IO server with the attendance protocol on it. */
export class Reference {
  #child;
  #environment;

  static async start(environment) {
    const server = new Reference();
    const port = await freePort();
    server.url = `http://127.0.0.1:${port}`;
    server.#environment = { PATH: process.env.PATH, NODE_ENV: "production", PORT: String(port), ...environment };
    await server.start();
    return server;
  }

  async start() {
    const child = new Child("node", ["server.js"], { cwd: directory, env: this.#environment });
    this.#child = child;
    await until(
      () => `the official server is ready\n${child.output}`,
      () => {
        if (!child.running) throw new Error(`the official server exited at start:\n${child.output}`);
        return fetch(`${this.url}/healthz`).then(({ ok }) => ok, () => false);
      },
    );
  }

  async stop() {
    await this.#child.stop("SIGTERM");
  }

  async kill() {
    await this.#child.stop("SIGKILL");
  }

  async remove() {
    if (this.#child.running) await this.stop();
  }
}

/** Starts both servers with a setup; origin is that of the page in the browser. */
export async function startBoth(setup, { database, origin }) {
  const { settings = {}, environment = {}, options = {} } = setups[setup];
  const [, name] = /\/(\w+)$/.exec(await database.create());
  const [here, official] = await Promise.all([
    Server.start({ CORS_ORIGINS: origin, ...settings }),
    Reference.start({
      DATABASE_PORT: String(database.port),
      DATABASE_NAME: name,
      SOCKET_IO_OPTIONS: JSON.stringify({ cors: { origin, credentials: true }, ...options }),
      ...environment,
    }),
  ]);
  return { here, official };
}
