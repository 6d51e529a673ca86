// Options of a client that change what it sends, or when.

const visit = (options, place) => async (my) => {
  const client = await my.connected(options, place);
  if (options.transports?.length === 2) await client.until("upgrade");
  await my.join(client);
  client.socket.disconnect();
};
const both = { transports: ["polling", "websocket"] };

export const options = [
  {
    name: "path: another one",
    async run(my) {
      for (const transports of [["websocket"], ["polling"]]) {
        const client = my.client({ transports, path: "/elsewhere", reconnection: false });
        await client.until("connect_error");
      }
    },
  },
  { name: "path: the server's other one", setup: "another path", chromium: "4.x", run: visit({ ...both, path: "/live" }) },
  {
    name: "path: the usual one, where the server has another",
    setup: "another path",
    async run(my) {
      await my.client({ reconnection: false }).until("connect_error");
    },
  },
  {
    name: "the client's bundles",
    versions: ["4.x"],
    async run(my) {
      const client = await my.connected();
      for (const bundle of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.js.map"]) {
        const answer = await fetch(`${my.url}/socket.io/${bundle}`);
        client.note(bundle, answer.status, (await answer.text()).length);
      }
    },
  },
  { name: "path: with a slash at its end", run: visit({ ...both, path: "/socket.io/" }) },
  { name: "addTrailingSlash: true", versions: ["4.x"], chromium: "4.x", run: visit({ ...both, addTrailingSlash: true }) },
  {
    name: "addTrailingSlash: false",
    versions: ["4.x"],
    differs: "Options of the official server's path: `path`, `addTrailingSlash`",
    async run(my) {
      const client = my.client({ addTrailingSlash: false, transports: ["polling"], reconnection: false });
      await Promise.race([client.until("connect"), client.until("connect_error")]);
    },
  },
  { name: "query: an object", chromium: "4.x", run: visit({ ...both, query: { class: "a & b", empty: "", naïve: "ä" } }) },
  { name: "query: in the address", run: (my) => visit(both, { url: `${my.url}/?class=1&next=%2F` })(my) },
  { name: "extraHeaders", chromium: "4.x", run: visit({ ...both, extraHeaders: { "X-Campus": "north", Accept: "*/*" } }) },
  { name: "transportOptions", run: visit({ ...both, transportOptions: { polling: { extraHeaders: { "X-Campus": "north" } } } }) },
  { name: "withCredentials: true", chromium: "4.x", run: visit({ ...both, withCredentials: true }) },
  { name: "withCredentials: false", chromium: "4.x", run: visit({ ...both, withCredentials: false }) },
  { name: "timestampRequests: true", chromium: "4.x", run: visit({ ...both, timestampRequests: true, timestampParam: "when" }) },
  { name: "timestampRequests: false", run: visit({ ...both, timestampRequests: false }) },
  { name: "forceBase64: true", run: visit({ ...both, forceBase64: true }) },
  { name: "perMessageDeflate: from the first byte", run: visit({ perMessageDeflate: { threshold: 0 } }) },
  { name: "protocols: a subprotocol of WebSocket", chromium: "4.x", run: visit({ protocols: ["attendance", "other"] }) },
  { name: "closeOnBeforeunload: true, in Node", run: visit({ closeOnBeforeunload: true }) },
  {
    name: "an agent that keeps connections open",
    async run(my) {
      const { Agent } = await import("node:http");
      const agent = new Agent({ keepAlive: true });
      await visit({ ...both, agent })(my);
      agent.destroy();
    },
  },
  {
    name: "autoConnect: false",
    async run(my) {
      const client = my.client({ autoConnect: false });
      client.note("before open", client.socket.connected);
      client.socket.open();
      await client.until("connect");
      await my.join(client);
    },
  },
  {
    name: "timeout: of a server that does not answer",
    async run(my) {
      const { url } = await my.relay({ hold: true });
      for (const transports of [["websocket"], ["polling"]]) {
        await my.client({ transports, timeout: 50, reconnection: false }, { url }).until("connect_error");
      }
    },
  },
  {
    name: "timeout: long enough",
    run: visit({ ...both, timeout: 5_000 }),
  },
  {
    name: "requestTimeout: of a server that does not answer",
    versions: ["4.x"],
    chromium: "4.x",
    node: false, // Node's XMLHttpRequest knows no timeout
    async run(my) {
      const { url } = await my.relay({ hold: true });
      await my.client({ transports: ["polling"], requestTimeout: 50, reconnection: false }, { url }).until("connect_error");
    },
  },
  {
    name: "forceNew: true, two connections",
    async run(my) {
      const [one, two] = await Promise.all([my.connected(), my.connected()]);
      two.note("same connection", one.socket.io === two.socket.io);
      const classId = await my.join(one);
      await my.join(two, "student", classId);
      await one.until("userJoined");
    },
  },
  {
    name: "multiplexing of two namespaces, one of them unknown",
    chromium: "4.x",
    async run(my) {
      const root = await my.connected({ forceNew: false, query: { [my.id("")]: 1 } });
      const other = my.client({ forceNew: false }, { namespace: "/nothing" });
      await other.until("connect_error");
      other.note("same connection", root.socket.io === other.socket.io);
      await my.join(root);
    },
  },
  {
    name: "one namespace twice, which takes two connections",
    async run(my) {
      const place = { forceNew: false, query: { [my.id("")]: 1 } };
      const [one, two] = [await my.connected(place), await my.connected(place)];
      two.note("same connection", one.socket.io === two.socket.io);
      await my.join(two);
    },
  },
  {
    name: "multiplex: false",
    async run(my) {
      const [one, two] = await Promise.all([1, 2].map(() => my.connected({ forceNew: undefined, multiplex: false })));
      two.note("same connection", one.socket.io === two.socket.io);
      await my.join(two);
    },
  },
  {
    name: "an unknown namespace only",
    async run(my) {
      await my.client({ reconnection: false }, { namespace: "/nothing" }).until("connect_error");
    },
  },
  {
    name: "an unknown namespace with a query",
    async run(my) {
      await my.client({ transports: ["polling"], reconnection: false }, { namespace: "/nothing?a=b" }).until("connect_error");
    },
  },
  ...[true, false].map((closeOnBeforeunload) => ({
    name: `closeOnBeforeunload: ${closeOnBeforeunload}, a page that closes`,
    versions: ["4.x"],
    chromium: "4.x",
    node: false,
    async run(my) {
      const teacher = await my.connected();
      const classId = await my.join(teacher);
      const frame = document.body.appendChild(document.createElement("iframe"));
      const loaded = new Promise((resolve) => (frame.onload = resolve));
      frame.src = `/?version=${my.version}`;
      await loaded;
      const visitor = frame.contentWindow.io(my.url, { closeOnBeforeunload });
      const userId = my.id("student");
      visitor.emit("identify", { userId, role: "student" });
      visitor.emit("joinClass", { userId, classId });
      await teacher.until("userJoined");
      frame.src = "about:blank";
      await teacher.until("userLeft");
      frame.remove();
    },
  })),
];
