// Limits on connections, as official clients of three versions meet them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client, versionKinds } from "./client.mjs";
import { DEADLINE, within } from "./process.mjs";
import { Server } from "./server.mjs";

/** The limits, with what lets the next client in. A new limit is one line. */
const limits = [
  { setting: "MAX_CONNECTIONS", value: 1, status: 503, free: (first) => first.close() },
  { setting: "MAX_CONNECTIONS_PER_IP", value: 1, status: 429, free: (first) => first.close() },
  { setting: "HANDSHAKE_RATE", value: 1, status: 503, free: () => {} },
];

/** Takes handshakes until the server refuses one, and returns that answer. */
async function refusal(server) {
  for (;;) {
    const answer = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
    if (answer.ok) continue;
    return { status: answer.status, retryAfter: answer.headers.get("Retry-After"), sentence: await answer.text() };
  }
}

describe("a client beyond the limit", { concurrency: 3 }, () => {
  for (const { setting, value, status, free } of limits) {
    for (const kind of versionKinds) {
      test(`${setting}: ${kind.version} is refused, and gets in by itself later`, async (t) => {
        const server = await Server.start({ [setting]: String(value), LOG_LEVEL: "info" });
        t.after(() => server.remove());
        const first = await Client.connect(server, { transport: "websocket" });
        t.after(() => first.close());
        const refused = await refusal(server);
        assert.equal(refused.status, status);
        assert.match(refused.retryAfter, /^[1-9]\d*$/);
        assert.match(refused.sentence, /^[^.\n]+\n$/);

        const next = new Client(server, { ...kind, reconnectionDelay: 50, reconnectionDelayMax: 200 });
        t.after(() => next.close());
        if (setting !== "HANDSHAKE_RATE") await within(DEADLINE, "is refused", refusedOnce(next));
        await first.roundTrip(); // who is in stays in
        free(first);
        await next.connected();
        await next.roundTrip();
        await server.stop();
        assert.match(server.log, new RegExp(`kind="too many .*reason=${setting}`));
      });
    }
  }
});

/** Resolves when a client has got its first connection error. */
const refusedOnce = ({ socket }) =>
  new Promise((resolve) => {
    socket.once("connect_error", resolve);
    socket.io.once?.("connect_error", resolve); // of the manager of 2.x
  });

test("little memory keeps new clients out", async (t) => {
  const server = await Server.start({ GOMEMLIMIT: "24MiB" });
  t.after(() => server.remove());
  const refused = await refusal(server);
  assert.equal(refused.status, 503);
  assert.match(refused.sentence, /little memory/);
});

describe("behind a proxy", () => {
  const handshake = (server, forwarded) =>
    fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { "X-Forwarded-For": forwarded } }).then(({ status }) => status);

  test("that is trusted, each client has its own limit", async (t) => {
    const server = await Server.start({ MAX_CONNECTIONS_PER_IP: "1", TRUSTED_PROXIES: "127.0.0.1" });
    t.after(() => server.remove());
    assert.equal(await handshake(server, "192.0.2.1"), 200);
    assert.equal(await handshake(server, "192.0.2.2"), 200);
    assert.equal(await handshake(server, "198.51.100.7, 192.0.2.2"), 429);
  });

  test("that is not trusted, X-Forwarded-For is ignored", async (t) => {
    const server = await Server.start({ MAX_CONNECTIONS_PER_IP: "1" });
    t.after(() => server.remove());
    assert.equal(await handshake(server, "192.0.2.1"), 200);
    assert.equal(await handshake(server, "192.0.2.2"), 429);
  });
});
