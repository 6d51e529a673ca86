// The parts of a run: MariaDB, the nodes, and Redis and nginx if the nodes are several.
import { MariaDB } from "../clients/mariadb.mjs";
import { until } from "../clients/process.mjs";
import { startNginx } from "../clients/proxy.mjs";
import { Redis } from "../clients/redis.mjs";
import { Server } from "../clients/server.mjs";
import { Relay } from "./relay.mjs";

// A server that is built with seeded bugs has this one (seeded.mjs).
const { SEEDED_BUG } = process.env;
const seeded = SEEDED_BUG ? { SEEDED_BUG } : {};

/**
 * Starts them: { mariadb, database, redis, nodes: [{ name, server, relays }], url, recovered, remove }. One node is not in a cluster and
 * has the name "". A node reaches MariaDB and Redis through its relays. Recovered resolves when all of them work.
 */
export async function startParts(count, { pong }) {
  const several = count > 1;
  const [mariadb, redis] = await Promise.all([MariaDB.start(several ? ["--log-bin", "--sync-binlog=1"] : []), several ? Redis.start() : undefined]);
  const dsn = await mariadb.create();
  const names = several ? ["a", "b", "c"].slice(0, count) : [""];
  const nodes = await Promise.all(
    names.map(async (name) => {
      const relays = await Promise.all([Relay.start(mariadb.port), ...(several ? [Relay.start(redis.port, { toRedis: true })] : [])]);
      const [toMariaDB, toRedis] = relays.map(({ port }) => `:${port}`);
      const settings = several ? { CLUSTER: "true", NODE_NAME: name, REDIS_URL: redis.url.replace(`:${redis.port}`, toRedis) } : {};
      return { name, relays, server: await Server.start({ DATABASE_DSN: dsn.replace(`:${mariadb.port}`, toMariaDB), PING_INTERVAL: "5s", PING_TIMEOUT: `${pong}ms`, ...seeded, ...settings }) };
    }),
  );
  const servers = nodes.map(({ server }) => server);
  const balancer = several ? await startNginx(...servers) : undefined;
  const recovered = async () => {
    for (const { name, server } of nodes) await until(`node ${name} works, with Redis`, async () => (await readiness(server)) === "ready");
  };
  await recovered();
  return {
    mariadb,
    database: dsn.slice(dsn.lastIndexOf("/") + 1),
    redis,
    nodes,
    url: (balancer ?? servers[0]).url,
    recovered,
    remove: async () => {
      await balancer?.remove();
      await Promise.all(servers.map((server) => server.remove()));
      for (const relay of nodes.flatMap(({ relays }) => relays)) relay.remove();
      await Promise.all([mariadb.remove(), redis?.remove()]);
    },
  };
}

/** What /readyz says: "degraded" if only Redis is away. */
async function readiness(server) {
  const answer = await fetch(`${server.url}/readyz`).catch(() => undefined);
  return answer?.ok ? (await answer.json()).status : "away";
}
