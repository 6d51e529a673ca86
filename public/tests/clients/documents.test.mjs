// Every link of a document leads to something that is there: a file, a heading, or the declaration that the link names. What a document
// names as code is there as well: a file, a make target, a function, a test, a setting.
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

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .trim().split("\n").filter((file) => existsSync(join(root, file)));

/** Every word of the code, and with it the names of all that is declared. This file has names of what is not there. */
const words = new Set(files.filter((file) => !/\.(md|png)$|package-lock\.json$|documents\.test\.mjs$/.test(file)).flatMap((file) => read(file).match(/[A-Za-z_]\w*/g) ?? []));

const targets = new Set(files.filter((file) => /(^|\/)Makefile$|\.mk$/.test(file))
  .flatMap((file) => [...read(file).matchAll(/^([\w./ -]+):(?!=)/gm)].flatMap(([, names]) => names.split(" "))));

// Names of other programs: options of the official server, settings of systemd and of Go's runtime, and code of a reader's own page.
const OTHERS = ["serveClient", "httpCompression", "MemoryMax", "GODEBUG", "GOGC", "setRecords"];

/** What the code in a text names that is not there. */
function missingNames(text) {
  const blocks = [...text.matchAll(/^```[^]*?^```|^ {4}\S.*$/gm)].map(([block]) => block);
  const spans = [...withoutCode(text).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  const commands = [...blocks, ...spans].flatMap((code) => [...code.matchAll(/\bmake ((?:[a-z][\w./-]* ?)+)/g)]);
  return [
    ...commands.flatMap(([, names]) => names.trim().split(" ")).filter((name) => !targets.has(name)),
    ...spans.flatMap((span) => span.match(/(?<![\w/.-])(?:server|models|handlers|public|docs|deploy|\.ci|\.github)\/[\w./-]*\w/g) ?? [])
      .filter((path) => !existsSync(join(root, path))),
    ...spans.flatMap((span) => span.match(/[A-Za-z_]\w*(?!\w|\*)/g) ?? [])
      .filter((name) => !name.endsWith("_") && /[a-z][A-Z]|_|^[A-Z]{3,}$/.test(name) && !words.has(name) && !OTHERS.includes(name)),
  ];
}

for (const document of documents) {
  test(`${document} names nothing that is not there`, () => assert.deepEqual(missingNames(read(document)), []));
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

describe("a name of nothing is found", () => {
  const wrong = {
    "make target": "`make nowhere`",
    "make target in a block": "```sh\nmake nowhere\n```",
    "file": "`server/nowhere.go`",
    "test": "`TestNothingAtAllIsThere`",
    "setting": "`NO_SUCH_SETTING`",
    "function": "`Store.recordNothingAtAll`",
  };
  for (const [what, code] of Object.entries(wrong)) test(what, () => assert.equal(missingNames(code).length, 1));
  test("but not where there is something", () => assert.deepEqual(missingNames("`make test lint` `server/main.go` `TestMain` `EVENT_RATE` `Store.Ping`"), []));
});
