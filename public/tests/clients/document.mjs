// A document of this repository, for the tests that compare what it says with the code.
import { readFileSync } from "node:fs";

/** The text of a file, named from the root of the repository. */
export const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

/** The code of the first block in this language under a heading of the second level. */
export function block(path, heading, language) {
  return blocks(path, heading, language)[0];
}

/** The code of all blocks in this language under a heading of the second level: one at the least. */
export function blocks(path, heading, language) {
  const section = read(path).split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const found = [...section.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"))].map(([, code]) => code);
  if (found.length === 0) throw new Error(`${path} has no ${language} under "${heading}"`);
  return found;
}

/** The rows of the table (of the first, second …) whose first column has this title: lists of cells without their backticks. */
export function table(path, title, number = 1) {
  const tables = read(path).split("\n\n").filter((part) => part.startsWith(`| ${title} |`));
  const rows = tables[number - 1].trim().split("\n").slice(2);
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")));
}
