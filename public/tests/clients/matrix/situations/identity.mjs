// Where a client puts its token, and how it is refused.

const both = { transports: ["polling", "websocket"] };

const enters = (options) => async (my) => {
  const client = await my.connected({ ...both, ...options(my) });
  await client.until("upgrade");
  await client.ask("identify", { userId: "teacher", role: "teacher" });
};
const isRefused = (options) => async (my) => {
  for (const transports of [["websocket"], ["polling"]]) {
    const client = my.client({ transports, reconnection: false, ...options(my) });
    await client.until("connect_error");
    client.note("connected", client.socket.connected);
  }
};
const signed = { setup: "signed" };
const withAuth = { setup: "signed", versions: ["4.x", "3.x"] };

export const identity = [
  { name: "auth: an object", ...withAuth, chromium: "4.x", run: enters(({ tokens }) => ({ auth: { token: tokens.good } })) },
  { name: "auth: a function", ...withAuth, chromium: "4.x", run: enters(({ tokens }) => ({ auth: (send) => send({ token: tokens.good }) })) },
  {
    name: "auth: a function that answers later",
    ...withAuth,
    run: enters(({ tokens }) => ({ auth: (send) => setTimeout(() => send({ token: tokens.good }), 20) })),
  },
  { name: "auth: no token", ...withAuth, chromium: "4.x", run: isRefused(() => ({ auth: {} })) },
  { name: "auth: an expired token", ...withAuth, run: isRefused(({ tokens }) => ({ auth: { token: tokens.expired } })) },
  { name: "auth: a forged token", ...withAuth, run: isRefused(({ tokens }) => ({ auth: { token: tokens.forged } })) },
  {
    name: "auth: a function that has a good token the second time",
    ...withAuth,
    async run(my) {
      const answers = [my.tokens.expired, my.tokens.good];
      const client = my.client({ auth: (send) => send({ token: answers.shift() }) });
      await client.until("connect_error");
      client.socket.connect();
      await client.until("connect");
      await client.ask("identify", { userId: "teacher", role: "teacher" });
    },
  },
  { name: "query: a token", ...signed, run: enters(({ tokens }) => ({ query: { token: tokens.good } })) },
  { name: "query: an expired token", ...signed, run: isRefused(({ tokens }) => ({ query: { token: tokens.expired } })) },
  { name: "extraHeaders: Authorization", ...signed, run: enters(({ tokens }) => ({ extraHeaders: { Authorization: `Bearer ${tokens.good}` } })) },
  { name: "extraHeaders: Cookie", ...signed, run: enters(({ tokens }) => ({ extraHeaders: { Cookie: `accessToken=${tokens.good}` } })) },
  {
    name: "auth: more than 16 kB",
    versions: ["4.x", "3.x"],
    differs: "The first packet of a client, which connects it to its namespace: `auth`",
    async run(my) {
      const client = my.client({ auth: { profile: "x".repeat(20_000) }, reconnection: false });
      await Promise.race([client.until("connect"), client.until("connection lost")]);
    },
  },
  {
    name: "an origin that is not allowed, over WebSocket",
    setup: "another origin",
    chromium: "4.x",
    node: false,
    differs: "Origins: `cors`, `allowRequest`",
    async run(my) {
      const client = my.client({ reconnection: false });
      await Promise.race([client.until("connect"), client.until("connect_error")]);
    },
  },
  {
    name: "an origin that is not allowed, by polling",
    setup: "another origin",
    versions: ["4.x"],
    chromium: "4.x",
    node: false,
    async run(my) {
      await my.client({ transports: ["polling"], reconnection: false }).until("connect_error");
    },
  },
  {
    name: "withCredentials: true, the page's cookie",
    ...signed,
    versions: ["4.x"],
    chromium: "4.x",
    cookie: true,
    node: false,
    run: enters(() => ({ withCredentials: true })),
  },
  {
    name: "withCredentials: false, no cookie by polling",
    ...signed,
    versions: ["4.x"],
    chromium: "4.x",
    cookie: true,
    node: false,
    async run(my) {
      await my.client({ transports: ["polling"], reconnection: false, withCredentials: false }).until("connect_error");
    },
  },
];
