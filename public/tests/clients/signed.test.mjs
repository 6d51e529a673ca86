// Signed mode: the token says who the user is, wherever the client puts it.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Client, kinds, nothingElse } from "./client.mjs";
import { Server } from "./server.mjs";
import { secret, token } from "./token.mjs";

const inAnHour = Math.floor(Date.now() / 1000) + 3600;

// Each place for a token, as options of the client. 2.x knows no auth option.
const places = {
  auth: (token) => ({ auth: { token } }),
  query: (token) => ({ query: { token } }),
  header: (token) => ({ extraHeaders: { Authorization: `Bearer ${token}` } }),
  cookie: (token) => ({ extraHeaders: { Cookie: `theme=dark; accessToken=${token}` } }),
};
const combinations = ["4.x", "3.x", "2.x"].flatMap((version) =>
  Object.keys(places)
    .filter((place) => version !== "2.x" || place !== "auth")
    .flatMap((place) => ["websocket", "polling", "upgrade"].map((transport) => ({ version, place, transport }))),
);

describe("in signed mode", { concurrency: 3 }, () => {
  let server;
  before(async () => {
    server = await Server.start({ JWT_SECRET: secret });
    // Classes and rosters come from the REST API here.
    await api("POST", "/api/classes", { id: "signed", name: "Signed" });
    await api("POST", "/api/classes/signed/roster", { students: [{ id: "student", name: "Student" }] });
  });
  after(() => server?.remove());

  async function api(method, path, body) {
    const response = await fetch(server.url + path, {
      method,
      headers: { Authorization: `Bearer ${token({ sub: "teacher", role: "teacher" })}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.text()}`);
  }

  async function connect(t, options) {
    const client = await Client.connect(server, options);
    t.after(() => client.close());
    return client;
  }

  for (const { version, place, transport } of combinations) {
    test(`a ${version} client over ${transport} sends its token in ${place}`, async (t) => {
      const client = await connect(t, { version, transport, ...places[place](token({ sub: "student", role: "student" })) });
      assert.equal((await client.ask("identify", { userId: "student", role: "student" })).success, true);
      assert.equal((await client.ask("joinClass", { userId: "student", classId: "signed" })).success, true);

      // An identify that disagrees is refused and changes nothing.
      const refused = await client.ask("identify", { userId: "teacher", role: "teacher" });
      assert.equal(refused.success, false);
      assert.deepEqual(await client.next("attendance:error"), { message: refused.message });
      const initiated = await client.ask("initiateAttendance", { classId: "signed", teacherId: "teacher", sessionType: "lecture" });
      assert.equal(initiated.success, false);
      await client.next("attendance:error");
    });
  }

  for (const [what, claims] of Object.entries({
    sub: { sub: "student" },
    id: { id: "student" },
    _id: { _id: "student" },
    userId: { userId: "student" },
  })) {
    test(`the user's id may be in ${what}`, async (t) => {
      const client = await connect(t, { auth: { token: token({ ...claims, role: "student" }) } });
      assert.equal((await client.ask("joinClass", { userId: "student", classId: "signed" })).success, true);
    });
  }

  const good = token({ sub: "student", role: "student" });
  const expired = token({ sub: "student", role: "student", exp: inAnHour - 7200 });
  const cookies = (...values) => ({ extraHeaders: { Cookie: values.map((value) => `accessToken=${value}`).join("; ") } });
  for (const [what, options] of Object.entries({
    "an expired cookie": cookies(expired, good),
    "an empty cookie": cookies("", good),
    "a deleted cookie": cookies("deleted", good),
    'auth.token "undefined"': { auth: { token: "undefined" }, ...cookies(good) },
    'auth.token "null"': { auth: { token: "null" }, ...cookies(good) },
    "an expired auth.token": { auth: { token: expired }, ...cookies(good) },
    "an expired token in the query": { query: { token: expired }, ...cookies(good) },
    "a header with nonsense": { auth: { token: good }, extraHeaders: { Authorization: "Bearer nonsense" } },
    "an auth.token of 10 kB": { auth: { token: "x".repeat(10_000) }, ...cookies(good) },
  })) {
    for (const transport of ["websocket", "polling"]) {
      test(`${what} over ${transport} does not hide the valid token`, async (t) => {
        const client = await connect(t, { transport, ...options });
        assert.equal((await client.ask("joinClass", { userId: "student", classId: "signed" })).success, true);
      });
    }
  }

  test("a clock that differs by a second refuses no token", async (t) => {
    const now = Math.floor(Date.now() / 1000);
    for (const claims of [{ nbf: now + 2 }, { iat: now + 2 }, { exp: now - 2 }]) {
      const client = await connect(t, { auth: { token: token({ sub: "student", role: "student", ...claims }) } });
      assert.equal((await client.ask("joinClass", { userId: "student", classId: "signed" })).success, true);
    }
  });

  test("a user who is not on the roster gets class:error and no event", async (t) => {
    const client = await connect(t, { auth: { token: token({ sub: "outsider", role: "student" }) } });
    for (const classId of ["signed", "no such class"]) {
      client.emit("joinClass", { userId: "outsider", classId });
      assert.deepEqual(await client.next("class:error"), { message: "Class not found" });
    }
    await nothingElse(client);
  });

  const otherKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const bad = {
    none: ["token_missing", () => undefined],
    "an empty one": ["token_missing", () => ""],
    "a placeholder": ["token_missing", () => "undefined"],
    "no token at all": ["token_invalid", () => "not a token"],
    "another secret's": ["token_invalid", () => token({ sub: "s", role: "student" }, { key: "another secret, just as long as the first" })],
    "an expired one": ["token_expired", () => token({ sub: "s", role: "student", exp: inAnHour - 7200 })],
    "another secret's, expired": ["token_invalid", () => token({ sub: "s", exp: inAnHour - 7200 }, { key: "another secret, just as long as the first" })],
    "one that is not valid yet": ["token_invalid", () => token({ sub: "s", role: "student", nbf: inAnHour })],
    "one with algorithm none": ["token_invalid", () => token({ sub: "s", role: "teacher" }, { alg: "none" })],
    "one with another algorithm": ["token_invalid", () => token({ sub: "s", role: "student" }, { alg: "ES256", key: otherKey })],
    "one without a user": ["token_invalid", () => token({ role: "student" })],
    "one with an unknown role": ["token_invalid", () => token({ sub: "s", role: "janitor" })],
  };
  for (const [what, [reason, make]] of Object.entries(bad)) {
    test(`${what}: no connection, and connect_error says ${reason}`, async (t) => {
      const value = make();
      for (const { version, transport } of kinds.filter(({ version }) => version !== "2.x")) {
        const client = new Client(server, { version, transport, reconnection: false, auth: value === undefined ? {} : { token: value } });
        t.after(() => client.close());
        const error = await client.refused();
        assert.ok(error instanceof Error);
        assert.equal(error.message, "unauthorized");
        assert.deepEqual(error.data, { reason }, `${version} over ${transport}`);
        assert.equal(client.socket.connected, false);
      }
      // 2.x hands the payload of the error packet to the application's error handler, which shows it.
      const old = new Client(server, { version: "2.x", reconnection: false, query: value === undefined ? {} : { token: value } });
      t.after(() => old.close());
      assert.equal(await old.refused(), "unauthorized");
      assert.equal(old.socket.connected, false);
    });
  }

  for (const version of ["4.x", "2.x"]) {
    test(`a ${version} client is closed when its token expires`, async (t) => {
      const exp = Math.ceil(Date.now() / 1000) + 2;
      const client = await connect(t, { version, reconnection: false, query: { token: token({ sub: "student", role: "student", exp }) } });
      await client.disconnected();
      assert.ok(Date.now() >= exp * 1000, "and not before");
    });
  }
});
