import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "./address";

test("parseAddress reads what formatAddress wrote", () => {
  const address = { role: "student", class: "a & b/ç", user: "1?2", name: "देवांशी शर्मा", view: "", search: "", type: "lab", session: "", dev: "emit" } as const;
  expect(parseAddress(formatAddress(address).slice(1))).toEqual(address);
});

test("parseAddress leaves out unknown values", () => {
  expect(parseAddress("?role=owner&nonsense=1").role).toBe("");
  expect(formatAddress({})).toBe("/");
});
