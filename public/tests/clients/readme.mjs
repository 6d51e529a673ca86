// What README.md says, for the tests that hold it to the truth.
import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

/** The code of the first block in this language under this heading. */
export function block(heading, language) {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const found = section?.match(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m"));
  if (!found) throw new Error(`README.md has no ${language} under "${heading}"`);
  return found[1];
}

/** The rows of the table whose first column has this title, each a list of cells without backticks around them. */
export function table(title, number = 1) {
  const tables = text.split("\n\n").filter((part) => part.startsWith(`| ${title} |`));
  const rows = tables[number - 1].trim().split("\n").slice(2);
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")));
}
