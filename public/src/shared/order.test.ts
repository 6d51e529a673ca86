import { expect, test } from "vitest";
import { byName } from "./order";
import order from "./order.json";

test("byName sorts as the server does", () => {
  const people = order.map(({ name, id }) => ({ name, id }));
  expect([...people].reverse().sort(byName)).toEqual(people);
});
