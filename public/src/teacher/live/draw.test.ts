import { expect, test } from "vitest";
import { draw } from "./draw";

test("draws each at most once, and no more than there are", () => {
  expect(draw(["a", "b", "c"], 5).sort()).toEqual(["a", "b", "c"]);
  expect(draw([], 3)).toEqual([]);
});

test("everyone can be drawn", () => {
  const values = [0, 0.5, 0.99];
  expect(draw(["a", "b", "c", "d"], 3, () => values.shift() ?? 0)).toEqual(["a", "c", "d"]);
});
