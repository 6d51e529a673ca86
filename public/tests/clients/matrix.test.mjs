// The same client scripts against the official server and against this one: clients must see the same, but for what
// docs/migration.md says. The situations are in matrix/situations.mjs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { MariaDB } from "./mariadb.mjs";
import { startBoth } from "./matrix/servers.mjs";
import { allVersions, situations } from "./matrix/situations.mjs";
import { Pages, playInNode } from "./matrix/stage.mjs";

const migration = readFileSync(new URL("../../../docs/migration.md", import.meta.url), "utf8");
const rows = [...migration.matchAll(/^\| \*\*(.+?)\*\* \|/gm)].map(([, title]) => title);

let database, pages;
const started = [];
const shared = new Map();

before(async () => {
  [database, pages] = await Promise.all([MariaDB.start(), Pages.start()]);
});
after(async () => {
  await pages?.close();
  await Promise.all(started.flatMap(({ here, official }) => [here.remove(), official.remove()]));
  await database?.remove();
});

/** Both servers, with the settings of the situation. */
async function serversFor({ setup = "open", alone = false }) {
  const start = async () => {
    const both = await startBoth(setup, { database, origin: pages.origin });
    started.push(both);
    return both;
  };
  if (alone) return start();
  if (!shared.has(setup)) shared.set(setup, start());
  return shared.get(setup);
}

/** What is different, in lines that can be read: of each client and lane, from the first difference on. */
function differences(here, official) {
  const lines = here.failure === official.failure ? [] : [`here the script failed: ${here.failure}`];
  for (let client = 0; client < Math.max(here.saw.length, official.saw.length); client++) {
    for (const lane of ["connection", "transports", "events"]) {
      const [ours, theirs] = [here, official].map(({ saw }) => (saw[client]?.[lane] ?? []).map((entry) => JSON.stringify(entry)));
      const from = ours.findIndex((line, i) => line !== theirs[i]);
      const first = from < 0 ? ours.length : from;
      if (ours.join() === theirs.join()) continue;
      lines.push(`client ${client}, ${lane}, from entry ${first} on`);
      lines.push(`  here:     ${ours.slice(first, first + 4).join(" ") || "nothing"}`);
      lines.push(`  official: ${theirs.slice(first, first + 4).join(" ") || "nothing"}`);
    }
  }
  return lines;
}

async function compare(situation, version, play) {
  const servers = await serversFor(situation);
  const [here, official] = await play(situation, version, [servers.here, servers.official]);
  assert.equal(official.failure, undefined, "the script works with the official server");
  const lines = differences(here, official);
  if (situation.differs) assert.notDeepEqual(lines, [], `nothing differs: remove the row "${situation.differs}" of docs/migration.md`);
  else assert.equal(lines.length, 0, lines.join("\n"));
}

describe("the matrix", { concurrency: 10 }, () => {
  for (const situation of situations) {
    const { name, versions = allVersions, node = true, chromium = [] } = situation;
    for (const version of node ? versions : []) test(`${name}, ${version}`, () => compare(situation, version, playInNode));
    for (const version of [chromium].flat()) test(`${name}, ${version} in Chromium`, () => compare(situation, version, (...place) => pages.play(...place)));
  }

  test("each difference is a row of docs/migration.md", () => {
    const differences = [...new Set(situations.flatMap(({ differs = [] }) => differs))];
    assert.deepEqual(rows.toSorted(), differences.toSorted());
    assert.ok(rows.length <= 5, "at most five differences");
  });
});
