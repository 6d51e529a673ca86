// Faults of a run. Each returns records of what it did: { kind, nodes, from, to }. Nodes are the names of those whose clients may notice.
import { setTimeout as pause } from "node:timers/promises";

async function recorded(kind, nodes, work) {
  const from = Date.now();
  await work();
  return { kind, nodes: nodes.map(({ name }) => name), from, to: Date.now() };
}

async function hold(part, ms) {
  part.signal("SIGSTOP");
  await pause(ms);
  part.signal("SIGCONT");
}

async function restart(part) {
  await part.stop();
  await part.start();
}

async function killAndStart(part, awayFor = 0) {
  await part.kill();
  await pause(awayFor);
  await part.start();
}

/** Cuts a node from MariaDB and Redis. */
async function cut({ relays }, ms) {
  for (const relay of relays) relay.cut();
  await pause(ms);
  for (const relay of relays) relay.mend();
}

/** How many of the notifications get lost. */
const LOST = 0.05;

/** Loses some of the messages of Redis. Nothing else must lose by that. */
async function loseMessages({ nodes, held }, random) {
  const relays = nodes.flatMap((node) => node.relays);
  const lostBefore = relays.map(({ lost }) => lost);
  const record = await recorded("redis-loss", [], async () => {
    for (const relay of relays) relay.lose(() => random() < LOST);
    await pause(held);
    for (const relay of relays) relay.lose(() => false);
  });
  return [{ ...record, lost: relays.reduce((sum, { lost }, i) => sum + lost - lostBefore[i], 0) }];
}

/** A fault of one node that is chosen at random. */
const ofNode = (kind, work) => async ({ nodes, held, nodeDies }, random) => {
  const node = nodes[Math.floor(random() * nodes.length)];
  return [await recorded(kind, [node], () => work(node, held, nodeDies))];
};

async function killNode({ name, server }, _, nodeDies) {
  nodeDies(name);
  await killAndStart(server);
}

/** A fault of the database, which the clients of all nodes may notice. */
const ofDatabase = (kind, work) => async ({ nodes, mariadb, held }) => [await recorded(kind, nodes, () => work(mariadb, held))];

/** A fault of Redis, which no client may notice. */
const ofRedis = (kind, work) => async ({ redis, held }) => [await recorded(kind, [], () => work(redis, held))];

async function rollingRestart({ nodes }) {
  const records = [];
  for (const node of nodes) records.push(await recorded("restart", [node], () => restart(node.server)));
  return records;
}

/** The faults by the names that --faults takes. */
export const faults = {
  restart: ofNode("restart", ({ server }) => restart(server)),
  "rolling-restart": rollingRestart,
  kill: ofNode("kill", killNode),
  pause: ofNode("pause", ({ server }, ms) => hold(server, ms)),
  cut: ofNode("cut", cut),
  "database-kill": ofDatabase("database-kill", (mariadb) => killAndStart(mariadb)),
  "database-pause": ofDatabase("database-pause", hold),
  "redis-cut": ofRedis("redis-cut", (redis) => redis.cut()),
  "redis-loss": loseMessages,
  "redis-kill": ofRedis("redis-kill", killAndStart),
  "redis-pause": ofRedis("redis-pause", hold),
};

/** Time without a fault: before the first, and between two. */
const CALM = 2_000;

/**
 * Makes the faults of a list one after the other, all of them once and then over and over until a time. Returns their records, in the
 * order in which they began. Faults of Redis are a sequence of their own beside the others.
 */
export async function makeFaults(names, parts, random, until) {
  const ofRedisOnly = (name) => name.startsWith("redis-");
  const sequences = [names.filter(ofRedisOnly), names.filter((name) => !ofRedisOnly(name))];
  const records = await Promise.all(sequences.map((sequence) => repeat(sequence, parts, random, until)));
  return records.flat().sort((x, y) => x.from - y.from);
}

async function repeat(names, parts, random, until) {
  const records = [];
  for (let i = 0; i < names.length || (names.length > 0 && Date.now() + CALM < until); i++) {
    await pause(CALM);
    records.push(...(await faults[names[i % names.length]](parts, random)));
  }
  return records;
}
