// Shows that the checker notices mistakes of the server: runs it once for each seeded bug, with a server that is built with them.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The bugs that the server can be started with (server/app/seededbug.go, models/seededbug.go), each with the invariants that it must turn red. */
export const seededBugs = {
  unstored: ["1", "4"],
  skip: ["2", "8"],
  double: ["2", "3"],
  swap: ["2", "3"],
  late: ["8"],
  invent: ["4", "9"],
  "no-end": ["5", "8"],
  "double-end": ["6"],
  "no-leave": ["7"],
  "join-twice": ["7"],
  keep: ["10"],
  close: ["11"],
};

const runner = join(import.meta.dirname, "run.mjs");
const options = ["--nodes=3", "--clients=40", "--seconds=15", "--faults=rolling-restart"];

/** The numbers of the invariants that a run with a bug found violated. */
async function violatedWith(bug) {
  const child = spawn(process.execPath, [runner, ...options], { env: { ...process.env, SEEDED_BUG: bug }, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const text of child.stdout.setEncoding("utf8")) output += text;
  if (!/^ok|^FAIL/m.test(output)) throw new Error(`the run with ${bug} gave no report:\n${output}`);
  return [...output.matchAll(/^FAIL (\d+) /gm)].map(([, number]) => number);
}

async function main(chosen) {
  let missed = 0;
  for (const bug of chosen) {
    const violated = await violatedWith(bug);
    const unnoticed = seededBugs[bug].filter((number) => !violated.includes(number));
    missed += unnoticed.length;
    console.log(`${unnoticed.length === 0 ? "ok  " : "FAIL"} ${bug} turned red: ${violated.join(", ")}${unnoticed.length ? `; not: ${unnoticed.join(", ")}` : ""}`);
  }
  return missed === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exit((await main(process.argv.length > 2 ? process.argv.slice(2) : Object.keys(seededBugs))) ? 0 : 1);
}
