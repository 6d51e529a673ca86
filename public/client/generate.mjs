// Writes src/generated: the types of the REST API and of the events, from the server's own documents. `make client` runs it.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { argv } from "node:process";
import openapiTypescript, { astToString } from "openapi-typescript";

const directory = new URL("src/generated/", import.meta.url);
const [openapi, asyncapi] = await Promise.all(argv.slice(2).map(async (file) => JSON.parse(await readFile(file, "utf8"))));

await mkdir(directory, { recursive: true });
await writeFile(new URL("rest.ts", directory), await typesOf(openapi));
await writeFile(new URL("events.ts", directory), await eventTypes(asyncapi));

async function typesOf(document) {
  return astToString(await openapiTypescript(document));
}

/** The maps of events that the official client's Socket takes as type parameters, and what each acknowledgement is when it was done. */
async function eventTypes({ channels, components: { schemas, messages }, operations }) {
  const messageOf = ({ $ref }) => {
    const [, , channel, , name] = $ref.split("/");
    return { name, ...messages[channels[channel].messages[name].$ref.split("/").at(-1)] };
  };
  const typeOf = ({ payload }) => `Schemas["${payload.$ref.split("/").at(-1)}"]`;
  const client = [];
  const replies = [];
  const server = [];
  for (const { action, messages: references, reply, summary } of Object.values(operations)) {
    const message = messageOf(references[0]); // the others are aliases
    const member = `  /** ${summary} */\n  "${message.name}": (data: ${typeOf(message)}`;
    if (action === "receive") {
      const [done, ...refused] = reply.messages.map((reference) => typeOf(messageOf(reference)));
      client.push(`${member}, acknowledge?: (reply: ${[done, ...refused].join(" | ")}) => void) => void;`);
      replies.push(`  "${message.name}": ${done};`);
    } else if (message.name !== "connect_error") { // that is the official client's own
      server.push(`${member}) => void;`);
    }
  }
  return [
    await typesOf({ openapi: "3.1.0", info: { title: "", version: "" }, paths: {}, components: { schemas } }),
    'export type Schemas = components["schemas"];',
    ...Object.entries({ ClientToServerEvents: client, Replies: replies, ServerToClientEvents: server })
      .map(([name, members]) => `export interface ${name} {\n${members.join("\n")}\n}`),
    "",
  ].join("\n");
}
