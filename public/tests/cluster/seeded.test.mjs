// The seeded bugs cover every invariant, and docs/checker.md lists both.
import assert from "node:assert/strict";
import { test } from "node:test";
import { table } from "../clients/document.mjs";
import { invariants } from "./checks.mjs";
import { seededBugs } from "./seeded.mjs";

const numbers = Object.keys(invariants).map((name) => name.split(" ")[0]);

test("every invariant is turned red by a seeded bug", () => {
  const red = new Set(Object.values(seededBugs).flat());
  assert.deepEqual(numbers.filter((number) => !red.has(number)), []);
});

test("docs/checker.md lists the invariants", () => {
  assert.deepEqual(table("docs/checker.md", "Number").map(([number]) => number), numbers);
});

test("docs/checker.md lists the seeded bugs with what they turn red", () => {
  const listed = table("docs/checker.md", "Seeded bug").map(([bug, , red]) => [bug, red.split(", ")]);
  assert.deepEqual(Object.fromEntries(listed), seededBugs);
});
