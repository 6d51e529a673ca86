import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { io as connect } from "socket.io-client";
import { asTeacher, errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";

/** Connects with the client that a page has loaded, and returns whether an event succeeds and over which transport. */
function attendance(page: Page, path: string): Promise<string> {
  return page.evaluate(async (path) => {
    const { io } = globalThis as unknown as { io: typeof connect };
    const socket = io({ path });
    const reply = (await socket.timeout(10_000).emitWithAck("joinClass", { userId: "student-1", classId: "demo" })) as { success: boolean };
    const { name } = socket.io.engine.transport;
    socket.close();
    return `${String(reply.success)} over ${name}`;
  }, path);
}

for (const path of ["/socket.io", "/campus/live"]) {
  describe(`with SOCKET_PATH=${path}`, () => {
    const made = fixture({ SOCKET_PATH: path });

    for (const bundle of ["socket.io.js", "socket.io.min.js"]) {
      test(`${bundle} from the server connects to it`, async () => {
        const page = await visit(made.browser, made.server.url);
        await page.addScriptTag({ url: `${path}/${bundle}` });
        expect(await attendance(page, path)).toMatch(/^true over /);
        expect(errorsOf(page)).toEqual([]);
      });
    }

    test("the ES module from the server connects to it", async () => {
      const page = await visit(made.browser, made.server.url);
      await page.evaluate(`import("${path}/socket.io.esm.min.js").then((module) => void Object.assign(globalThis, module))`);
      expect(await attendance(page, path)).toMatch(/^true over /);
    });

    test("the demo page connects", async () => {
      const page = await visit(made.browser, asTeacher(made.server.url));
      await page.getByRole("button", { name: /start/i }).first().waitFor();
      expect(errorsOf(page)).toEqual([]);
    });
  });
}
