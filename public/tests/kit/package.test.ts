import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { api } from "../browser/support/api";
import { errorsOf, startBrowser, visit } from "../browser/support/browser";
import { startServer, type Server } from "../browser/support/server";
import { bundleSize, createApp, runScript, serveApp, typeErrors, type App } from "./support/app";

// The package as somebody installs it: packed, in a Vite application outside the repository.

let server: Server;
let browser: Browser;
let app: App;
let site: { url: string; stop: () => Promise<void> };

beforeAll(async () => {
  [server, browser, app] = await Promise.all([startServer(), startBrowser(), createApp()]);
  site = await serveApp(app);
});
afterAll(async () => {
  await site.stop();
  await browser.close();
  await server.stop();
  await app.remove();
});

const addressOf = (page: string) => `${site.url}${page}?server=${server.url}`;

test("a fresh Vite application shows a live roster", async () => {
  const page = await visit(browser, addressOf(""));
  await page.getByText("Waiting for the teacher").waitFor();
  await api(server.url, "/classes/demo/sessions", "POST", { sessionType: "lecture" });
  await page.getByRole("button", { name: "I am here" }).click();
  await page.getByText("Asha Rao: present").waitFor();
  expect(errorsOf(page)).toEqual([]);
  await page.context().close();
});

test("1000 mounts in StrictMode share one connection", async () => {
  const page = await visit(browser, "about:blank");
  const connections: string[] = [];
  page.on("websocket", (socket) => connections.push(socket.url()));
  await page.goto(addressOf("strict.html"));
  await expect.poll(() => page.title(), { timeout: 60_000 }).toBe("Mounted");
  const inPage = <Result>(name: string) => page.evaluate((key) => (window as unknown as Record<string, () => Result>)[key]?.(), name);
  await expect.poll(() => inPage<boolean>("connected")).toBe(true);
  const listeners = (await inPage<Record<string, number>>("listeners")) ?? {};
  expect(Object.keys(listeners).length).toBeGreaterThan(5);
  expect(new Set(Object.values(listeners))).toEqual(new Set([1]));
  expect(connections).toHaveLength(1);
  await inPage("unmount");
  await expect.poll(() => inPage<boolean>("connected")).toBe(false);
  await page.context().close();
});

test("a script in Node marks a student", async () => {
  await api(server.url, "/classes/demo/sessions", "POST", { sessionType: "lecture" });
  expect(await runScript(app, "src/bot.mjs", server.url)).toBe("present");
});

test.each(["bundler", "nodenext"] as const)("the declarations compile with %s resolution", async (resolution) => {
  expect(await typeErrors(app, resolution)).toBe("");
});

// Bytes that gzip sends, without socket.io-client and React. What a larger entry has is for tests, or for types alone.
test.each([["index.js", 4096], ["react.js", 5120], ["rest.js", 64]])("%s needs at most %i bytes", async (entry, most) => {
  expect(await bundleSize(app, entry)).toBeLessThanOrEqual(most);
});

test("the package has its licence, and no dependency but its peers", async () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, exports } = JSON.parse(await readFile(join(app.installed, "package.json"), "utf8")) as {
    dependencies?: object;
    peerDependencies: object;
    peerDependenciesMeta: Record<string, { optional: boolean }>;
    exports: Record<string, string>;
  };
  expect(dependencies).toBeUndefined();
  const needed = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  expect(needed).toEqual(["socket.io-client"]);
  expect(await readFile(join(app.installed, "LICENSE"), "utf8")).toBe(await readFile("../LICENSE", "utf8"));
  const files = await readdir(join(app.installed, "dist"));
  expect(files).toEqual(expect.arrayContaining(Object.values(exports).map((path) => path.replace("./dist/", ""))));
});
