import { expect, test } from "vitest";
import { byName } from "./order";
import order from "./order.json";

test("people are in the order that the server lists them in", () => {
  const people = order.map(({ name, id }) => ({ name, id }));
  expect([...people].reverse().sort(byName)).toEqual(people);
});
