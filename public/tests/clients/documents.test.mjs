// Every link of a document leads to something that is there: a file, a heading, or the declaration that the link names.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" });
const documents = tracked.trim().split("\n").filter((file) => existsSync(join(root, file)));
const read = (path) => readFileSync(join(root, path), "utf8");
const withoutCode = (text) => text.replace(/^```[^]*?^```/gm, "");

/** The anchors that code hosts make of a document's headings. */
function anchorsOf(text) {
  const headings = withoutCode(text).matchAll(/^#+ (.*)$/gm);
  return new Set([...headings].map(([, title]) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")));
}

/** Whether a Go file declares `Function`, `Type`, `constant` or `Type.Method`. */
function declares(source, name) {
  const [last, receiver] = name.split(".").reverse();
  const method = receiver && `^func \\((\\w+ )?\\*?${receiver}(\\[[^\\]]*\\])?\\) ${last}\\(`;
  return new RegExp(method ?? `^(func|type|var|const) ${last}\\b|^\\t${last}\\b.* = `, "m").test(source);
}

/** What is wrong with a link from a document, null if nothing is. */
function fault(document, text, target) {
  if (/^[a-z]+:/.test(target)) return null;
  const [path, anchor] = target.split("#");
  const file = path ? join(dirname(document), path) : document;
  if (!existsSync(join(root, file))) return `${target}: no such file`;
  if (anchor && !(file.endsWith(".md") && anchorsOf(read(file)).has(anchor))) return `${target}: no such heading`;
  const [, name] = text.match(/^`([A-Za-z]\w*(?:\.[A-Za-z]\w*)?)`$/) ?? [];
  if (name && file.endsWith(".go") && !declares(read(file), name)) return `${target} does not declare ${name}`;
  return null;
}

const faultsOf = (document, text) =>
  [...withoutCode(text).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].flatMap(([, title, target]) => fault(document, title, target) ?? []);

for (const document of documents) {
  test(`${document} has no broken link`, () => assert.deepEqual(faultsOf(document, read(document)), []));
}

// Separate programs and test helpers are not part of the server.
const BESIDE = /^(\.ci|server\/(loadtest|engineio\/(conformance|engineiotest))|models\/modelstest)\b/;

/** Which package imports which, as "a --> b". */
function importsOf() {
  const sources = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.go"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  const edges = sources.filter((file) => existsSync(join(root, file)) && !file.endsWith("_test.go") && !BESIDE.test(file))
    .flatMap((file) => [...read(file).matchAll(/^(?:import )?\t?(?:\w+ )?"github\.com\/neuracampus\/attendance\/([^"]+)"$/gm)].map(([, to]) => `${dirname(file)} --> ${to}`));
  return [...new Set(edges)].toSorted();
}

test("the map in docs/architecture.md has the imports that the code has", () => {
  const [, map] = read("docs/architecture.md").match(/^```mermaid\n([^]*?)^```/m);
  const names = new Map([...map.matchAll(/(\w+)\[([^\]]+)\]/g)].map(([, id, name]) => [id, name]));
  const edges = [...map.matchAll(/^ *(\w+)(?:\[.*?\])? --> (\w+)/gm)].map(([, from, to]) => `${names.get(from)} --> ${names.get(to)}`);
  assert.deepEqual(edges.toSorted(), importsOf());
});

test("the glossary has at most 25 words", () => {
  const rows = read("docs/architecture.md").split("\n## Glossary\n")[1].match(/^\| /gm).length - 1;
  assert.ok(rows <= 25, `${rows} words`);
});

describe("a broken link is found", () => {
  const broken = {
    "file": "[here](nowhere.md)",
    "image": "![here](nowhere.png)",
    "heading of this document": "[here](#nowhere)",
    "heading of another document": "[here](CHANGELOG.md#nowhere)",
    "line of a file": "[here](server/main.go#L1)",
    "function": "[`nothing`](server/main.go)",
    "method": "[`Store.Nothing`](models/store.go)",
    "method of another type": "[`Mark.Ping`](models/store.go)",
  };
  for (const [what, link] of Object.entries(broken)) test(what, () => assert.equal(faultsOf("README.md", link).length, 1));
  test("but not where there is none", () => assert.deepEqual(faultsOf("README.md", "[`main`](server/main.go) [`Store.Ping`](models/store.go) [`Store`](models/store.go) [a](docs/architecture.md#glossary)"), []));
});
