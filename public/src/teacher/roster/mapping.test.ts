import { expect, test } from "vitest";
import { mappingOf, labelOfName, queryOf, purposeOf, withPurpose } from "./mapping";

const guessed = mappingOf({ headerLine: 2, idColumn: 1, nameColumns: [3, 2], rows: [] });

test("columns are used as the server guessed", () => {
  expect([1, 2, 3, 4].map((column) => purposeOf(guessed, column))).toEqual(["id", "name", "name", "unused"]);
  expect([1, 2, 3].map((column) => labelOfName(guessed, column))).toEqual(["Name", "Name, part 2", "Name, part 1"]);
});

test.each([
  ["another column becomes the id", 4, "id", { header: 2, id: 4, names: [3, 2] }],
  ["a part of the name becomes the id", 3, "id", { header: 2, id: 3, names: [2] }],
  ["the id becomes the last part of the name", 1, "name", { header: 2, id: 0, names: [3, 2, 1] }],
  ["a part of the name is left out", 3, "unused", { header: 2, id: 1, names: [2] }],
  ["the id is left out", 1, "unused", { header: 2, id: 0, names: [3, 2] }],
] as const)("%s", (_, column, purpose, want) => {
  expect(withPurpose(guessed, column, purpose)).toEqual(want);
});

test.each([
  [null, ""],
  [guessed, "&headerLine=2&idColumn=1&nameColumn=3&nameColumn=2"],
  [{ header: 0, id: 2, names: [] }, "&headerLine=0&idColumn=2&nameColumn=0"],
  [{ header: 1, id: 0, names: [1] }, "&headerLine=1&nameColumn=1"],
])("the mapping %j is sent as %s", (mapping, query) => {
  expect(queryOf(mapping)).toBe(query);
});
