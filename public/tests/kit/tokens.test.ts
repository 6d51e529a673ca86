import type { StoreOptions } from "@neuracampus/attendance-client";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { startServer, type Server } from "../browser/support/server";
import { SECRET, tokenOf } from "../browser/support/token";
import { until } from "./support/until";
import { connectThroughRelay, type Client } from "./support/worlds";

// A server with signed identities: which tokens it is shown, and what the store says when it refuses them.

let server: Server;
let client: Client | undefined;
beforeAll(async () => {
  server = await startServer({ JWT_SECRET: SECRET, JWT_LEEWAY: "0s" });
});
afterEach(() => client?.close());
afterAll(() => server.stop());

const fresh = () => tokenOf("student-1", "student");
const stale = () => tokenOf("student-1", "student", -3600);

async function connect(auth?: StoreOptions["auth"]): Promise<Client> {
  client = await connectThroughRelay(server, { userId: "student-1", role: "student", auth });
  return client;
}
const becomes = (store: Client, wanted: string) => until(store, wanted, ({ status }) => status === wanted);

test("a fresh token is asked for once", async () => {
  const auth = vi.fn(fresh);
  await becomes(await connect(auth), "live");
  expect(auth.mock.calls).toEqual([[null]]);
});

test("a stale token is replaced by a fresh one", async () => {
  const auth = vi.fn((refused: string | null) => Promise.resolve(refused ? fresh() : stale()));
  await becomes(await connect(auth), "live");
  expect(auth.mock.calls).toEqual([[null], ["token_expired"]]);
});

test("each connection is made with a token of its own", async () => {
  const auth = vi.fn(fresh);
  const store = await connect(auth);
  await becomes(store, "live");
  store.cut();
  await becomes(store, "offline");
  store.mend();
  await becomes(store, "live");
  expect(auth.mock.calls.length).toBeGreaterThan(1);
  expect(new Set(auth.mock.calls.flat())).toEqual(new Set([null]));
});

test("a token that expires while connected is replaced", async () => {
  const auth = vi.fn<(refused: string | null) => string>().mockImplementationOnce(() => tokenOf("student-1", "student", 2)).mockImplementation(fresh);
  const store = await connect(auth);
  await becomes(store, "live");
  await becomes(store, "offline");
  await becomes(store, "live");
});

test("an application without a token tries again", async () => {
  const auth = vi.fn<(refused: string | null) => Promise<string>>().mockRejectedValueOnce(new Error("offline")).mockImplementation(() => Promise.resolve(fresh()));
  await becomes(await connect(auth), "live");
});

// One line each: what auth returns, what the store then says, and how often it asks.
test.each<[string, StoreOptions["auth"], object, number]>([
  ["a token that stays stale", stale, { message: "unauthorized", reason: "token_expired" }, 2],
  ["a token that is none", () => "not a token", { message: "unauthorized", reason: "token_invalid" }, 2],
  ["no token", () => null, { message: "unauthorized", reason: "token_missing" }, 2],
  ["no auth", undefined, { message: "unauthorized", reason: "token_missing" }, 0],
  ["a token of somebody else", () => tokenOf("student-2", "student"), { message: "This connection is signed in as somebody else", reason: "identity_differs" }, 1],
])("%s: refused", async (_, auth, refusal, times) => {
  const asked = auth && vi.fn(auth);
  const store = await connect(asked);
  expect(await becomes(store, "refused")).toMatchObject({ refusal });
  expect(asked?.mock.calls.length ?? 0).toBe(times);
  await expect(store.join("class")).rejects.toMatchObject(refusal);
});
