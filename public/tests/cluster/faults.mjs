// Faults of a run. Each returns what it concerned: { kind, node, from, to }; without a node it concerns all clients.
import { setTimeout as pause } from "node:timers/promises";

/** How long a part is held with SIGSTOP or stays away after it was killed. */
const HELD = { node: 20_000, database: 5_000 };

const node = (kind, work) => async (parts, random) => {
  const { name, server } = parts.nodes[Math.floor(random() * parts.nodes.length)];
  const from = Date.now();
  await work(server);
  return { kind, node: name, from, to: Date.now() };
};

const database = (kind, work) => async (parts) => {
  const from = Date.now();
  await work(parts.mariadb);
  return { kind, from, to: Date.now() };
};

async function hold(part, ms) {
  part.signal("SIGSTOP");
  await pause(ms);
  part.signal("SIGCONT");
}

async function killAndStart(part) {
  await part.kill();
  await part.start();
}

/** The faults by the names that --faults takes. */
export const faults = {
  restart: node("restart", async (server) => {
    await server.stop();
    await server.start();
  }),
  kill: node("kill", killAndStart),
  pause: node("pause", (server) => hold(server, HELD.node)),
  "database-kill": database("database-kill", killAndStart),
  "database-pause": database("database-pause", (mariadb) => hold(mariadb, HELD.database)),
};
