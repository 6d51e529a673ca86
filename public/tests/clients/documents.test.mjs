// Every link from one document of this repository to another file of it leads somewhere.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" })
  .trim().split("\n").filter((file) => existsSync(join(root, file)));

/** The anchors of a document's headings, as code hosts make them. */
function anchors(text) {
  const headings = text.replace(/^```[^]*?^```/gm, "").matchAll(/^#+ (.*)$/gm);
  return new Set([...headings].map(([, title]) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")));
}

function broken(document) {
  const text = readFileSync(join(root, document), "utf8");
  const links = [...text.replace(/^```[^]*?^```/gm, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link)).filter((link) => {
    const [path, anchor] = link.split("#");
    const target = path ? join(dirname(document), path) : document;
    if (!existsSync(join(root, target))) return true;
    return anchor && target.endsWith(".md") && !anchors(readFileSync(join(root, target), "utf8")).has(anchor);
  });
}

for (const document of documents) {
  test(`${document} has no broken link`, () => assert.deepEqual(broken(document), []));
}
