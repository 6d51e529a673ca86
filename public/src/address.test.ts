import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "./address";

test("an address that was made is read back as it was", () => {
  const address = { role: "student", class: "a & b/ç", user: "1?2", name: "देवांशी शर्मा", view: "", type: "lab", session: "", dev: "emit" } as const;
  expect(parseAddress(formatAddress(address).slice(1))).toEqual(address);
});

test("what is unknown in an address is left out", () => {
  expect(parseAddress("?role=admin&nonsense=1").role).toBe("");
  expect(formatAddress({})).toBe("/");
});
