// Behind nginx, with the configuration that docs/operations.md shows.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, kinds, nothingElse, settled } from "./client.mjs";
import { block } from "./document.mjs";
import { Child, freePort, until } from "./process.mjs";
import { Server } from "./server.mjs";

const shown = block("docs/operations.md", "nginx", "nginx");

/** The configuration that docs/operations.md shows, with a port of ours for each of its ports, and without certificates. */
function site(port, server) {
  const edits = [
    ["listen 443 ssl;", `listen 127.0.0.1:${port};`],
    ["server 127.0.0.1:5014;", `server ${new URL(server.url).host};`],
    [/^ +ssl_certificate.*\n/gm, ""],
  ];
  return edits.reduce((text, [from, to]) => {
    assert.ok(from instanceof RegExp ? text.match(from) : text.includes(from), `docs/operations.md's nginx configuration has ${from}`);
    return text.replace(from, to);
  }, shown);
}

async function startNginx(server) {
  const directory = await mkdtemp(join(tmpdir(), "attendance-nginx-"));
  for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) await mkdir(join(directory, name));
  const port = await freePort();
  await writeFile(
    join(directory, "nginx.conf"),
    `daemon off; master_process off; worker_processes 1; pid ${directory}/pid; error_log stderr;
     events { worker_connections 512; }
     http {
       access_log off;
       client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fastcgi;
       uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
       ${site(port, server)}
     }`,
  );
  // nginx is in sbin, which is not on every PATH.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = new Child("nginx", ["-e", "stderr", "-c", join(directory, "nginx.conf")], { env });
  const url = `http://127.0.0.1:${port}`;
  await until(
    () => `nginx answers\n${child.output}`,
    () => {
      assert.ok(child.running, `nginx exited at start:\n${child.output}`);
      return fetch(`${url}/readyz`).then(({ ok }) => ok, () => false);
    },
  );
  return {
    url,
    remove: async () => {
      await child.stop("SIGTERM");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describe("behind nginx", () => {
  let server, nginx;
  before(async () => {
    server = await Server.start();
    nginx = await startNginx(server);
  });
  after(async () => {
    await nginx?.remove();
    await server?.remove();
  });

  test("every client receives events, also after a restart", async (t) => {
    const classId = "proxied";
    const session = { classId, sessionType: "lecture" };
    const members = await Promise.all(
      [{ role: "teacher", kind: {} }, ...kinds.map((kind) => ({ role: "student", kind }))].map(async ({ role, kind }, index) => {
        const client = new Client(nginx, kind);
        t.after(() => client.close());
        // Connected, identified and joined, as after each reconnect.
        client.entered = new Promise((resolve) => {
          client.socket.on("connect", () => {
            client.emit("identify", { userId: index, role });
            client.emit("joinClass", { userId: index, classId }, resolve);
          });
        });
        await client.connected();
        assert.equal((await client.entered).success, true);
        return client;
      }),
    );
    const [teacher] = members;
    assert.equal((await teacher.ask("initiateAttendance", { ...session, teacherId: 0 })).success, true);
    for (const member of members) await member.next("attendanceStarted");

    const everybodySees = async (studentId) => {
      await settled(...members);
      for (const member of members) member.unread = [];
      members[studentId].emit("attendanceMarked", { ...session, studentId, studentName: "बो", status: "present" });
      for (const member of members) assert.equal((await member.next("attendanceUpdate")).studentId, studentId);
    };
    await everybodySees(1);
    await nothingElse(...members);

    await server.stop();
    await server.start();
    for (const member of members) await member.next("attendanceStarted");
    await everybodySees(2);
  });

  test("the page's own origin is allowed, another site's is not", async (t) => {
    const page = await fetch(nginx.url);
    assert.equal(page.status, 200);
    for (const transport of ["websocket", "polling"]) {
      const own = await Client.connect(nginx, { transport, extraHeaders: { Origin: nginx.url } });
      t.after(() => own.close());
      const other = new Client(nginx, { transport, reconnection: false, extraHeaders: { Origin: "https://elsewhere.example" } });
      t.after(() => other.close());
      await other.refused();
    }
  });
});
