// nginx and HAProxy with the configurations in deploy/.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { read } from "./document.mjs";
import { Child, freePort, until } from "./process.mjs";

const host = (server) => new URL(server.url).host;

/** A file of deploy/ after all edits, each of which must change something. */
function edited(file, edits) {
  return edits.reduce((before, [from, to]) => {
    const after = before.replaceAll(from, to);
    assert.notEqual(after, before, `deploy/${file} has ${from}`);
    return after;
  }, read(`deploy/${file}`));
}

/** The addresses that the files have for nodes, and those that they stand for. */
const addresses = (nodes) => nodes.map((node, index) => [`172.30.14.${index + 11}:5014`, host(node)]);

/** Starts nginx in front of one server, or of the nodes a, b and c. */
export function startNginx(...servers) {
  const upstream = servers.length === 1 ? edited("nginx-one-server.conf", [["127.0.0.1:5014", host(servers[0])]]) : edited("nginx-three-nodes.conf", addresses(servers));
  return start("nginx", (directory, port) => `daemon off; master_process off; worker_processes 1; pid ${directory}/pid; error_log stderr;
    events { worker_connections 2048; }
    http {
      client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fastcgi;
      uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
      ${upstream}
      ${edited("nginx.conf", [["listen 443 ssl;", `listen 127.0.0.1:${port};`], [/^ +ssl_certificate.*\n/gm, ""], ["/var/log/nginx", directory]])}
    }`);
}

/** Starts HAProxy in front of the nodes a, b and c. */
export function startHAProxy(...nodes) {
  return start("haproxy", (_, port) => edited("haproxy.cfg", [[/bind .*/g, `bind 127.0.0.1:${port}`], ...addresses(nodes)]));
}

const commands = { nginx: (file) => ["-e", "stderr", "-c", file], haproxy: (file) => ["-db", "-f", file] };

async function start(program, configuration) {
  const directory = await mkdtemp(join(tmpdir(), `attendance-${program}-`));
  for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) await mkdir(join(directory, name));
  const port = await freePort();
  const file = join(directory, "configuration");
  await writeFile(file, configuration(directory, port));
  // Both are in sbin, which is not on every PATH.
  const child = new Child(program, commands[program](file), { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  const url = `http://127.0.0.1:${port}`;
  await until(
    () => `${program} answers\n${child.output}`,
    () => {
      assert.ok(child.running, `${program} exited at start:\n${child.output}`);
      return fetch(`${url}/readyz`).then(({ ok }) => ok, () => false);
    },
  );
  return {
    url,
    /** What nginx has logged of the requests. */
    log: () => readFile(join(directory, "attendance.log"), "utf8"),
    remove: async () => {
      await child.stop("SIGTERM");
      await rm(directory, { recursive: true, force: true });
    },
  };
}
