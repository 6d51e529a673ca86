// Which transport carries a client, and what happens where one of them does not get through.

const lesson = (options, upgrades) => async (my) => {
  const client = await my.connected(options);
  if (upgrades) await client.until("upgrade");
  const classId = await my.join(client);
  await client.ask("initiateAttendance", { classId, teacherId: my.id("teacher"), sessionType: "lecture" });
  await client.ask("endAttendance", { classId, teacherId: my.id("teacher"), sessionType: "lecture" });
};

export const transports = [
  { name: "transports: websocket", run: lesson({ transports: ["websocket"] }) },
  { name: "transports: polling", chromium: "4.x", run: lesson({ transports: ["polling"] }) },
  { name: "transports: polling, websocket", run: lesson({ transports: ["polling", "websocket"] }, true) },
  { name: "transports: websocket, polling", run: lesson({ transports: ["websocket", "polling"] }) },
  { name: "transports: the default", chromium: "4.x", run: lesson({ transports: undefined }, true) },
  { name: "onlyBinaryUpgrades: true", versions: ["3.x", "2.x"], run: lesson({ transports: ["polling", "websocket"], onlyBinaryUpgrades: true }, true) },
  { name: "upgrade: false", run: lesson({ transports: ["polling", "websocket"], upgrade: false }) },
  {
    name: "rememberUpgrade: true",
    chromium: ["4.x", "3.x", "2.x"],
    node: false, // all clients of a process remember together
    async run(my) {
      const options = { transports: ["polling", "websocket"] };
      const client = await my.connected(options);
      await client.until("upgrade");
      client.close();
      await my.join(await my.connected({ ...options, rememberUpgrade: true }));
    },
  },
  {
    name: "events during the upgrade",
    async run(my) {
      const client = my.client({ transports: ["polling", "websocket"] });
      const asked = Array.from({ length: 20 }, (_, i) => client.ask("identify", { userId: i, role: "student" }));
      await Promise.all(asked);
      await client.until("upgrade");
      await Promise.all(Array.from({ length: 20 }, (_, i) => client.ask("identify", { userId: i, role: "student" })));
    },
  },
  {
    name: "tryAllTransports: true, where WebSocket is blocked",
    versions: ["4.x"],
    async run(my) {
      const { url } = await my.relay({ noWebSocket: true });
      await my.join(await my.connected({ transports: ["websocket", "polling"], tryAllTransports: true }, { url }));
    },
  },
  {
    name: "tryAllTransports: true, where polling is blocked",
    versions: ["4.x"],
    async run(my) {
      const { url } = await my.relay({ noPolling: true });
      await my.join(await my.connected({ transports: ["polling", "websocket"], tryAllTransports: true }, { url }));
    },
  },
  {
    name: "tryAllTransports: true, where both get through",
    versions: ["4.x"],
    run: lesson({ transports: ["websocket", "polling"], tryAllTransports: true }),
  },
  {
    name: "tryAllTransports: false, where WebSocket is blocked",
    async run(my) {
      const { url } = await my.relay({ noWebSocket: true });
      const client = my.client({ transports: ["websocket", "polling"], reconnection: false }, { url });
      await client.until("connect_error");
    },
  },
  {
    name: "an upgrade through a proxy that blocks WebSocket",
    async run(my) {
      const { url } = await my.relay({ noWebSocket: true });
      const client = await my.connected({ transports: ["polling", "websocket"] }, { url });
      await client.until("upgradeError");
      await my.join(client);
    },
  },
  {
    name: "an upgrade whose probe is never answered",
    async run(my) {
      const { url } = await my.relay({ cutAt: { text: "3probe", lost: true } });
      const client = await my.connected({ transports: ["polling", "websocket"] }, { url });
      await client.until("upgradeError");
      await my.join(client);
    },
  },
  {
    name: "forceJSONP: true",
    versions: ["2.x"],
    chromium: "2.x",
    node: false,
    differs: "JSONP polling: `forceJSONP`, `jsonp`",
    async run(my) {
      const client = my.client({ transports: ["polling"], forceJSONP: true, reconnection: false });
      await Promise.race([client.until("connect"), client.until("connect_error")]);
    },
  },
  {
    name: "transports as classes, fetch for polling",
    versions: ["4.x"],
    async run(my) {
      const { Fetch, NodeWebSocket } = await import("engine.io-client");
      await lesson({ transports: [Fetch, NodeWebSocket] }, true)(my);
    },
  },
];
