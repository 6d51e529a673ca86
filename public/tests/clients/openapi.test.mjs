// Generators of clients make named, typed operations of /api/openapi.json, and each example there is accepted as its operation's body.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import openapiTypescript, { astToString } from "openapi-typescript";
import ts from "typescript";
import { Server } from "./server.mjs";

let server, document, directory;

before(async () => {
  [server, directory] = await Promise.all([Server.start(), mkdtemp(join(tmpdir(), "attendance-types-"))]);
  document = await fetch(`${server.url}/api/openapi.json`).then((answer) => answer.json());
  await writeFile(join(directory, "api.ts"), astToString(await openapiTypescript(document)));
});
after(async () => {
  await server?.remove();
  await rm(directory, { recursive: true, force: true });
});

const operations = () => Object.values(document.paths).flatMap((path) => Object.values(path));

/** What the compiler says of a program that uses the types. */
async function faultsOf(program) {
  const file = join(directory, "program.ts");
  await writeFile(file, `import type { operations } from "./api";\n${program}`);
  const { Bundler } = ts.ModuleResolutionKind;
  const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], module: ts.ModuleKind.ESNext, moduleResolution: Bundler, target: ts.ScriptTarget.ES2023 };
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options)).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

/** The type of an operation's body, and the examples that must have it. */
function* bodies() {
  for (const { operationId, requestBody, responses } of operations()) {
    const at = `operations["${operationId}"]`;
    for (const [media, { example }] of Object.entries(requestBody?.content ?? {})) {
      yield { type: `NonNullable<${at}["requestBody"]>["content"]["${media}"]`, example };
    }
    for (const [status, { content }] of Object.entries(responses)) {
      for (const [media, { example }] of Object.entries(content ?? {})) yield { type: `${at}["responses"][${status}]["content"]["${media}"]`, example };
    }
  }
}

test("each operation has a type of its own name", async () => {
  const names = operations().map(({ operationId }) => operationId);
  assert.ok(names.length >= 24, `${names.length} operations`);
  const types = names.map((name, i) => `export type Operation${i} = operations["${name}"]["responses"];`);
  assert.deepEqual(await faultsOf(types.join("\n")), []);
});

test("each example has the type of its body", async () => {
  const values = [...bodies()].map(({ type, example }, i) => `export const body${i}: ${type} = ${JSON.stringify(example)};`);
  assert.ok(values.length >= 30, `${values.length} bodies`);
  assert.deepEqual(await faultsOf(values.join("\n")), []);
});

for (const [what, program] of Object.entries({
  "an operation that does not exist": 'export type None = operations["nothing"];',
  "a key that an answer does not have": 'export type None = operations["listClasses"]["responses"][200]["content"]["application/json"]["rooms"];',
  "a status that does not exist": 'export const none: operations["mark"]["requestBody"]["content"]["application/json"] = { sessionType: "lab", status: "asleep" };',
})) {
  test(`the types refuse ${what}`, async () => assert.equal((await faultsOf(program)).length, 1));
}
