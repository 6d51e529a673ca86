// The parts of a run: MariaDB, the nodes, and nginx in front of them if they are several.
import { MariaDB } from "../clients/mariadb.mjs";
import { startNginx } from "../clients/proxy.mjs";
import { Server } from "../clients/server.mjs";

/** Starts them: { mariadb, database, nodes: [{ name, server }], url, remove }. One node is not in a cluster and has the name "". */
export async function startParts(count) {
  const mariadb = await MariaDB.start();
  const dsn = await mariadb.create();
  const names = count === 1 ? [""] : ["a", "b", "c"].slice(0, count);
  const nodes = await Promise.all(
    names.map(async (name) => {
      const settings = name ? { CLUSTER: "true", NODE_NAME: name } : {};
      return { name, server: await Server.start({ DATABASE_DSN: dsn, PING_INTERVAL: "5s", PING_TIMEOUT: "4s", ...settings }) };
    }),
  );
  const servers = nodes.map(({ server }) => server);
  const balancer = count === 1 ? undefined : await startNginx(...servers);
  return {
    mariadb,
    database: dsn.slice(dsn.lastIndexOf("/") + 1),
    nodes,
    url: (balancer ?? servers[0]).url,
    remove: async () => {
      await balancer?.remove();
      await Promise.all(servers.map((server) => server.remove()));
      await mariadb.remove();
    },
  };
}
