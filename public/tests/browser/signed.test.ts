import { createHmac } from "node:crypto";
import { test } from "vitest";
import { asTeacher, visit } from "./support/browser";
import { fixture } from "./support/fixture";

const SECRET = "a secret of this test that is long enough";
const made = fixture({ JWT_SECRET: SECRET });

function signed(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", SECRET).update(content).digest("base64url")}`;
}

test("in signed mode the page works with a token", async () => {
  const { server, browser } = made;
  const page = await visit(browser, server.url);
  const exp = Math.floor(Date.now() / 1000) + 600;
  await page.getByLabel("Token").fill(signed({ sub: "teacher-1", role: "teacher", exp }));
  await page.getByRole("button", { name: "Enter the class" }).click();
  await page.getByRole("button", { name: "Start the lecture" }).click();
  await page.locator(".tile", { hasText: "Asha Rao" }).getByRole("button").click();
  await page.getByText("Asha Rao is present").waitFor();
});

test("in signed mode without a token the page says so", async () => {
  const { server, browser } = made;
  const page = await visit(browser, asTeacher(server.url));
  await page.getByRole("alert").getByText("unauthorized").waitFor();
  await page.getByText("Not let in").waitFor();
});
