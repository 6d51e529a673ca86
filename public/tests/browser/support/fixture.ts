import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { startBrowser } from "./browser";
import { startServer, type Server } from "./server";

/** A server and a browser for the tests of one file, there when the first of them runs. */
export function fixture(settings: Record<string, string> = {}): { server: Server; browser: Browser } {
  const made = {} as { server: Server; browser: Browser };
  beforeAll(async () => {
    [made.server, made.browser] = await Promise.all([startServer(settings), startBrowser()]);
  });
  afterAll(async () => {
    await made.browser.close();
    await made.server.stop();
  });
  return made;
}
