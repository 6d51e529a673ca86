// The checker: runs nodes under load and faults, records what every client sees, and compares it with the database.
import { writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { check, limitsFor } from "./checks.mjs";
import { faults, makeFaults } from "./faults.mjs";
import { readHistory } from "./history.mjs";
import { Load, randomFrom } from "./load.mjs";
import { startParts } from "./parts.mjs";
import { presentIn } from "./present.mjs";
import { countsOf, reportOf } from "./report.mjs";
import { StallWatch } from "./stalls.mjs";
import { RECOVERY } from "./deliveries.mjs";

const usage = `Usage: SERVER_BINARY=path node run.mjs [options]

  --nodes=1         1 to 3; several are a cluster behind nginx
  --clients=40      rounded to classes of ten
  --seconds=20      how long the load lasts, at least; longer if not every fault has been made by then
  --faults=a,b      one after the other, over and over: ${Object.keys(faults).join(", ")}
  --held=10         how many seconds a part is held, or Redis is away
  --patience=1      multiplies the limits of time, for a busy machine
  --seed=number     of what the clients do; printed in the report
  --recording=file  writes the recording and the history as JSON
`;

function readOptions() {
  const text = { type: "string" };
  const { values } = parseArgs({ options: { nodes: text, clients: text, seconds: text, faults: text, held: text, patience: text, seed: text, recording: text } });
  const whole = (name, low, high, initial) => {
    const value = Number(values[name] ?? initial);
    if (!Number.isInteger(value) || value < low || value > high) throw new Error(`--${name} must be a whole number from ${low} to ${high}`);
    return value;
  };
  const patience = whole("patience", 1, 10, 1);
  const chosen = values.faults ? values.faults.split(",") : [];
  const unknown = chosen.find((name) => !Object.hasOwn(faults, name));
  const nodes = whole("nodes", 1, 3, 1);
  if (nodes === 1 && chosen.some((name) => name.startsWith("redis-"))) throw new Error("one node has no Redis: --nodes must be 2 or 3");
  if (unknown !== undefined) throw new Error(`--faults has ${JSON.stringify(unknown)}, which is no fault`);
  return {
    nodes,
    clients: whole("clients", 10, 1000, 40),
    seconds: whole("seconds", 1, 3600, 20),
    held: whole("held", 1, 60, 10),
    limits: limitsFor(patience),
    seed: whole("seed", 0, 2 ** 32 - 1, Date.now() % 2 ** 32),
    faults: chosen,
    recording: values.recording,
  };
}

async function run(options, parts) {
  const random = randomFrom(options.seed);
  const watch = new StallWatch();
  const recording = { seed: options.seed, nodes: parts.nodes.map(({ name }) => name), from: Date.now(), faults: [], stalls: watch.stalls };
  const load = new Load(parts.url, options.clients, random, options.limits);
  const nodeDies = (name) => load.nodeDies(name);
  recording.clients = load.observers.map(({ record }) => record);
  try {
    await load.entered();
    load.start();
    const end = Date.now() + options.seconds * 1000;
    recording.faults = await makeFaults(options.faults, { ...parts, nodeDies, held: options.held * 1000 }, random, end);
    await pause(Math.max(0, end - Date.now()));
    await parts.recovered();
    await load.stop();
    const recoveredAt = Math.max(0, ...recording.faults.map(({ to }) => to)) + Math.max(RECOVERY, options.limits.left);
    await pause(Math.max(0, recoveredAt - Date.now())); // or the others need not notice at once
    load.someLeave();
    await pause(options.limits.rest); // what has been committed is with everybody, and who is gone has left
    recording.present = await presentIn(load.classes, parts.nodes);
    recording.quietAt = Date.now();
    await Promise.all(load.observers.map((observer) => Promise.all(observer.recent.map((sessionType) => observer.fetch(sessionType)))));
    recording.to = Date.now();
    return { recording: structuredClone(recording), history: await readHistory(parts.mariadb, parts.database) };
  } finally {
    watch.stop();
    for (const observer of load.observers) observer.close();
  }
}

async function main(options) {
  const parts = await startParts(options.nodes, options.limits);
  let recording, history;
  try {
    ({ recording, history } = await run(options, parts));
  } finally {
    await parts.remove();
  }
  if (options.recording) await writeFile(options.recording, JSON.stringify({ recording, history }));
  const found = check(recording, history, options.limits);
  console.log(reportOf(recording, history, options.limits, found));
  const missing = Object.entries(countsOf(recording, history, options.limits)).filter(([, count]) => count === 0).map(([what]) => what);
  if (missing.length > 0) console.log(`FAIL nothing happened: ${missing.join(", ")}`);
  return missing.length === 0 && Object.values(found).every((violations) => violations.length === 0);
}

let options;
try {
  options = readOptions();
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(2);
}
process.exit((await main(options)) ? 0 : 1);
