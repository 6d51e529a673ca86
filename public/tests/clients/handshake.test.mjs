// The answer to a WebSocket's opening handshake leaves by itself, and the first packet after it: a client that adds its listeners
// when it knows that the WebSocket is open must not miss the packet. https://github.com/socketio/engine.io-protocol has such a suite.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import { DEADLINE, within } from "./process.mjs";
import { Server } from "./server.mjs";

const TIMES = 50;

/** A client that the machine has held up for longer than the server waits reads both at once. It tries again, a few times. */
async function repeatedly(check) {
  for (let i = 0; i < TIMES; i++) {
    for (let left = 4; ; left--) {
      try {
        await check();
        break;
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  }
}

/** Opens a WebSocket by hand and returns what each read of the connection has brought, until the OPEN packet is there. */
async function reads(url, revision) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, "connect");
  const chunks = [];
  const opened = new Promise((resolve) => {
    socket.on("data", (chunk) => {
      chunks.push(chunk.toString("latin1"));
      if (chunks.join("").includes('0{"sid"')) resolve();
    });
  });
  socket.write(
    `GET /socket.io/?EIO=${revision}&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\n` +
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await within(DEADLINE, "the OPEN packet arrives", opened);
  socket.destroy();
  return chunks;
}

/** Awaits "open" and only then listens for messages, as the public suite of Engine.IO does. Returns the first message. */
async function lateMessage(url, revision) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=${revision}&transport=websocket`);
  try {
    await within(DEADLINE, "the WebSocket opens", once(socket, "open"));
    const [message] = await within(2000, "the OPEN packet arrives after open", once(socket, "message"));
    return message.toString();
  } finally {
    socket.terminate();
  }
}

describe("the opening handshake of a WebSocket", () => {
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.remove());

  for (const revision of [3, 4]) {
    test(`the 101 ends before the OPEN packet, EIO=${revision}`, () =>
      repeatedly(async () => {
        const [first, second] = await reads(server.url, revision);
        assert.match(first, /^HTTP\/1\.1 101 /);
        assert.equal(first.indexOf("\r\n\r\n"), first.length - 4, `the first read is ${JSON.stringify(first)}`);
        assert.ok(second.includes('0{"sid"'));
      }));

    test(`a client that listens after open gets the OPEN packet, EIO=${revision}`, () =>
      repeatedly(async () => assert.match(await lateMessage(server.url, revision), /^0\{"sid"/)));
  }
});
