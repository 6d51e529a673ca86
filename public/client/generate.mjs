// Writes src/generated: the types of the REST API, from the server's own document. `make client` runs it.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { argv } from "node:process";
import openapiTypescript, { astToString } from "openapi-typescript";

const [openapi] = argv.slice(2);
const directory = new URL("src/generated/", import.meta.url);

await mkdir(directory, { recursive: true });
const document = JSON.parse(await readFile(openapi, "utf8"));
await writeFile(new URL("rest.ts", directory), astToString(await openapiTypescript(document)));
