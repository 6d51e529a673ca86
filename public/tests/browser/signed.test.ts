import { test } from "vitest";
import { asTeacher, visit } from "./support/browser";
import { fixture } from "./support/fixture";
import { SECRET, tokenOf } from "./support/token";

const made = fixture({ JWT_SECRET: SECRET });

test("in signed mode the page works with a token", async () => {
  const { server, browser } = made;
  const page = await visit(browser, server.url);
  await page.getByLabel("Token").fill(tokenOf("teacher-1", "teacher"));
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
