import { expect, test } from "vitest";
import { asStudent, asTeacher, errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";

const made = fixture();

test("the developer panel shows, filters, copies and sends events", async () => {
  const { server, browser } = made;
  const page = await visit(browser, asTeacher(server.url, "&dev=events"), { permissions: ["clipboard-read", "clipboard-write"] });
  const log = page.getByRole("region", { name: "Events" });
  await log.getByText("joinClass").first().waitFor();
  await page.getByText("websocket").waitFor();

  await page.getByRole("button", { name: "Emit", exact: true }).click();
  await page.getByLabel("Event").selectOption("initiateAttendance");
  await page.getByRole("button", { name: "Emit", exact: true }).last().click();
  await page.getByText("Acknowledged:").waitFor();
  await page.getByRole("button", { name: "End the lecture" }).waitFor();

  await page.getByLabel("Payload").fill("{");
  await page.getByRole("button", { name: "Emit", exact: true }).last().click();
  await page.getByRole("alert").getByText("This is no JSON").waitFor();

  await page.getByRole("button", { name: "Events" }).click();
  await page.getByLabel("Filter events").fill("attendanceStarted");
  const line = log.getByRole("listitem").first();
  await line.getByText("attendanceStarted").first().click();
  await line.getByRole("button", { name: "Copy as code" }).click();
  await line.getByText("Copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^socket\.on\("attendanceStarted"/);
  expect(errorsOf(page)).toEqual([]);
});

test("the reference has every event, the server accepts its payloads", async () => {
  const { server, browser } = made;
  const page = await visit(browser, asStudent(server.url, 3, "&dev=emit"));
  await page.getByRole("button", { name: /I am here|Change/ }).first().waitFor();
  for (const event of ["identify", "joinClass", "fetchAttendance", "leaveClass"]) {
    await page.getByLabel("Event").selectOption(event);
    await page.getByRole("button", { name: "Emit", exact: true }).last().click();
    await page.getByText('"success": true').waitFor();
  }
  await page.getByRole("button", { name: "Reference" }).click();
  await page.getByRole("heading", { name: "attendance:initiated" }).waitFor();
  await page.getByRole("button", { name: "Code", exact: true }).click();
  for (const client of ["React", "Plain JavaScript", "2.x"]) {
    await page.getByLabel("Client").selectOption({ index: ["React", "Plain JavaScript", "2.x"].indexOf(client) });
    await page.getByRole("region", { name: "Snippet" }).getByText(server.url).waitFor();
  }
});

test("the event reference lists every event with its keys, examples and reasons", async () => {
  const { server, browser } = made;
  const page = await visit(browser, `${server.url}/docs`);
  const events = page.getByRole("region", { name: "Events over Socket.IO" });
  await events.getByText("attendanceMarked", { exact: true }).first().click();
  await events.getByRole("row", { name: /^deviceId optional/ }).first().waitFor();
  await events.getByText("Every reason that an acknowledgement can carry").click();
  await events.getByRole("row", { name: /^code_wrong That code is wrong/ }).waitFor();
  const described = await page.evaluate(async () => {
    const { operations } = (await (await fetch("/api/asyncapi.json")).json()) as { operations: object };
    return Object.keys(operations).length;
  });
  expect(await events.locator("details").count()).toBe(described + 1);
  expect(errorsOf(page)).toEqual([]);
});

test("the REST reference lists every operation and tries one", async () => {
  const { server, browser } = made;
  const page = await visit(browser, `${server.url}/docs`);
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const user = page.locator(".auth-container").filter({ hasText: "X-User" });
  await user.getByRole("textbox").fill("teacher-1");
  await user.getByRole("button", { name: "Apply credentials" }).click();
  await user.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: /^get \/classes$/i }).first().click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await page.getByText('"Demo class"').first().waitFor();
  const described = await page.evaluate(async () => {
    const { paths } = (await (await fetch("/api/openapi.json")).json()) as { paths: Record<string, object> };
    return Object.values(paths).reduce((sum, path) => sum + Object.keys(path).length, 0);
  });
  expect(await page.locator(".opblock").count()).toBe(described);
  expect(errorsOf(page)).toEqual([]);
});
