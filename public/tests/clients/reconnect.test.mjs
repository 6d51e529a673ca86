// A client that leaves its namespace with disconnect() and returns with connect(), also while its connection stays open.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client, kinds } from "./client.mjs";
import { DEADLINE, within } from "./process.mjs";
import { serversOfBothModes } from "./server.mjs";
import { token } from "./token.mjs";

/** Leaves the namespace and returns, after being refused in a second one, which keeps the connection of client 3 open. Client 2
 * never asks for the first namespace again over a connection that stays open, so it is refused nowhere here. */
async function leaveAndComeBack(client, version) {
  const other = version === "2.x" ? undefined : client.socket.io.socket("/nothing");
  if (other) await within(DEADLINE, "the second namespace is refused", new Promise((resolve) => other.once("connect_error", resolve)));
  client.socket.disconnect();
  client.socket.connect();
  await client.connected();
  other?.close(); // else it would go on connecting when the server has gone
}

// All at once: most of the time they wait for the end of their tokens.
describe("after disconnect() and connect()", { concurrency: kinds.length }, () => {
  const servers = serversOfBothModes();

  for (const kind of kinds) {
    test(`a ${kind.version} client over ${kind.transport} sends events`, async (t) => {
      const client = await Client.connect(servers.open, kind);
      t.after(() => client.close());
      await leaveAndComeBack(client, kind.version);
      assert.equal((await client.ask("identify", { userId: "back", role: "student" })).success, true);
      assert.equal((await client.ask("joinClass", { userId: "back", classId: "reconnect" })).success, true);
    });

    // Client 2 opens a second connection before it has closed the first one, whose end then detaches it from the second. It comes
    // back only by its automatic reconnection, from the official server too.
    const reconnection = kind.version === "2.x";
    test(`a ${kind.version} client over ${kind.transport} is closed with its token`, async (t) => {
      const expires = Math.ceil(Date.now() / 1000) + 8;
      const userId = `student, ${kind.version} over ${kind.transport}`; // one user may have ten sockets
      const query = { token: token({ sub: userId, role: "student", exp: expires }) };
      const client = await Client.connect(servers.signed, { ...kind, query, reconnection, reconnectionDelay: 20 });
      t.after(() => client.close());
      await leaveAndComeBack(client, kind.version);
      assert.equal((await client.ask("identify", { userId, role: "student" })).success, true);
      await client.disconnected();
      assert.ok(Date.now() / 1000 >= expires - 1, "the connection ended before the token did");
    });
  }
});
