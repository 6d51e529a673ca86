// Connections that are lost, at each stage, and servers that are away.

const both = ["polling", "websocket"];
const each = [["websocket"], ["polling"]];

/** Cuts the connection once, when the server has sent text, and lets the client come back and join. */
const cutAt = (text, { lost = false, transports = each, upgrades = false } = {}) => async (my) => {
  for (const names of transports) {
    const { url } = await my.relay({ cutAt: { text, lost } });
    const client = await my.connected({ transports: names }, { url });
    if (upgrades) await client.until("upgrade");
    await my.join(client);
  }
};

/** Loses the connection after joining, comes back, and joins again. */
const comesBack = (lose, again) => async (my) => {
  const clients = await Promise.all([...each, both].map((transports) => my.connected({ transports })));
  await clients[2].until("upgrade");
  for (const client of clients) await my.join(client);
  await lose(my);
  for (const client of clients) await client.until("disconnect");
  await again(my);
  for (const client of clients) await client.until("connect");
  await clients[2].until("upgrade");
  for (const client of clients) await my.join(client);
};

export const reconnection = [
  {
    name: "reconnection after a refused connection",
    run: async (my) => {
      for (const transports of each) {
        const { url } = await my.relay({ refuse: 2 });
        await my.join(await my.connected({ transports }, { url }));
      }
    },
  },
  { name: "reconnection after the handshake was lost", run: cutAt("HTTP/1.1 ", { lost: true }) },
  { name: "reconnection after the handshake", versions: ["4.x", "3.x"], run: cutAt('"pingInterval"') },
  { name: "reconnection after the namespace's CONNECT was lost", versions: ["4.x", "3.x"], run: cutAt('40{"sid"', { lost: true }) },
  { name: "reconnection after the upgrade", run: cutAt("3probe", { transports: [both], lost: true }) },
  {
    name: "reconnection with an acknowledgement outstanding",
    async run(my) {
      const { url } = await my.relay({ cutAt: { text: '[{"success"', lost: true } });
      const client = await my.connected({}, { url });
      let answered = false;
      client.emit("identify", { userId: "a", role: "student" }, () => (answered = true));
      await client.until("disconnect");
      await client.until("connect");
      await my.join(client);
      client.note("answered", answered);
    },
  },
  {
    name: "reconnection of an idle client, with events sent meanwhile",
    chromium: "4.x",
    async run(my) {
      const relay = await my.relay({});
      const client = await my.connected({}, relay);
      await my.join(client);
      await relay.cut();
      await client.until("disconnect");
      const userId = my.id("meanwhile");
      const asked = client.ask("identify", { userId, role: "student" }); // waits in the client
      await client.until("connect");
      await asked;
    },
  },
  {
    name: "a network that goes silent",
    setup: "quick heartbeat",
    async run(my) {
      const relay = await my.relay({});
      const clients = await Promise.all(each.map((transports) => my.connected({ transports, reconnection: false }, relay)));
      await relay.stall();
      for (const client of clients) await client.until("disconnect");
      await relay.flow();
      for (const client of clients) client.socket.connect();
      for (const client of clients) await client.until("connect");
    },
  },
  {
    name: "a proxy that cuts idle connections, and heartbeats in time",
    setup: "quick heartbeat",
    async run(my) {
      const { url } = await my.relay({ idle: 8_000 });
      const client = await my.connected({}, { url });
      await client.heartbeats(17); // which take longer than the proxy waits
      await my.join(client);
    },
  },
  {
    name: "a proxy that cuts idle connections, and no heartbeat in time",
    async run(my) {
      for (const transports of each) {
        const { url } = await my.relay({ idle: 2_000 });
        const client = await my.connected({ transports }, { url });
        await client.until("disconnect");
        await client.until("connect");
        await my.join(client);
      }
    },
  },
  {
    name: "reconnection: false",
    async run(my) {
      const relay = await my.relay({});
      for (const transports of each) {
        const client = await my.connected({ transports, reconnection: false }, relay);
        await relay.block();
        await client.until("disconnect");
        await relay.flow();
        client.socket.connect();
        await client.until("connect");
        await my.join(client);
      }
    },
  },
  {
    name: "reconnectionAttempts",
    async run(my) {
      const { url } = await my.relay({ refuse: 100 });
      const client = my.client({ reconnectionAttempts: 3 }, { url });
      await client.until("reconnect_failed");
    },
  },
  {
    name: "disconnect() and connect()",
    async run(my) {
      for (const transports of each) {
        const client = await my.connected({ transports });
        await my.join(client);
        client.socket.disconnect();
        await client.until("disconnect");
        await client.closed();
        client.socket.connect();
        await client.until("connect");
        await my.join(client);
      }
    },
  },
  { name: "the server is stopped and started", alone: true, chromium: "4.x", run: comesBack((my) => my.server("stop"), (my) => my.server("start")) },
  { name: "the server is killed and started", alone: true, run: comesBack((my) => my.server("kill"), (my) => my.server("start")) },
  {
    name: "a client that starts before its server",
    alone: true,
    async run(my) {
      await my.server("kill");
      const client = my.client();
      await client.until("connect_error");
      await my.server("start");
      await client.until("connect");
      await my.join(client);
    },
  },
];
