import { expect, test } from "vitest";
import type { Status } from "@neuracampus/attendance-client";
import { inOrder, matching, type Column } from "./arrange";

const student = (name: string, id: string | number, status?: Status) => ({ name, id, status });
const LIST = [
  student("Zoë Müller", "s-10", "present"),
  student("", 9, "absent"),
  student("Asha Rao", "s-9", "late"),
  student("Émile Zola", "s-2", "present"),
  student("देवांशी शर्मा", "S-1"),
];
const idsBy = (column: Column, descending = false) => inOrder(LIST, { column, descending }, (each) => each.status).map(({ id }) => id);

test.each([
  { column: "name", descending: false, ids: [9, "s-9", "s-2", "s-10", "S-1"] },
  { column: "name", descending: true, ids: ["S-1", "s-10", "s-2", "s-9", 9] },
  { column: "id", descending: false, ids: [9, "S-1", "s-2", "s-9", "s-10"] },
  { column: "id", descending: true, ids: ["s-10", "s-9", "s-2", "S-1", 9] },
  { column: "status", descending: false, ids: ["s-2", "s-10", "s-9", 9, "S-1"] },
  { column: "status", descending: true, ids: ["S-1", 9, "s-9", "s-2", "s-10"] },
] as const)("sorts by $column, descending: $descending", ({ column, descending, ids }) => {
  expect(idsBy(column, descending)).toEqual(ids);
});

test.each([
  { query: "", ids: ["s-10", 9, "s-9", "s-2", "S-1"] },
  { query: "  ", ids: ["s-10", 9, "s-9", "s-2", "S-1"] },
  { query: "MULLER zoe", ids: ["s-10"] },
  { query: "emile", ids: ["s-2"] },
  { query: "शर्मा", ids: ["S-1"] },
  { query: "s-1", ids: ["s-10", "S-1"] },
  { query: "9", ids: [9, "s-9"] },
  { query: "pres", ids: ["s-10", "s-2"] },
  { query: "z present", ids: ["s-10", "s-2"] },
  { query: "nobody", ids: [] },
])("the query “$query” keeps $ids", ({ query, ids }) => {
  expect(matching(LIST, query, (each) => each.status).map(({ id }) => id)).toEqual(ids);
});
