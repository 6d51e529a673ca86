import { expect, test } from "vitest";
import { CODE, codeOfAddress, fragmentOf, plainCode } from "./code";

test.each([
  ["abc-234", "ABC234"],
  [" AB C2 34\n", "ABC234"],
  ["ABC234", "ABC234"],
])("%j is read as the code %s", (typed, code) => {
  expect(plainCode(typed)).toBe(code);
});

test.each(["", "ABC23", "ABC2345", "ABC23O", "ABC23I", "ABC230", "abc234"])("%j is no code", (text) => {
  expect(CODE.test(text)).toBe(false);
});

test("an address carries a code in its fragment", () => {
  expect(codeOfAddress(fragmentOf("ABC234"))).toBe("ABC234");
});

test.each(["", "#", "#code=", "#code=ABC", "#other=ABC234", "#code=%E0%A4%A"])("the fragment %j has no code", (hash) => {
  expect(codeOfAddress(hash)).toBe("");
});
