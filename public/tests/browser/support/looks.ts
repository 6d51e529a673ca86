import { mkdir } from "node:fs/promises";
import axe from "axe-core";
import type { Page } from "playwright-core";

const DEVICES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } } as const;
const SCHEMES = ["light", "dark"] as const;
const DIRECTORY = "test-results";

/**
 * Returns what is wrong with the looks of a view on a phone and a desktop: what axe finds, with all of its rules, and what is wider than
 * the screen. SCREENSHOTS=1 keeps pictures of it for people, light and dark.
 */
export async function looks(page: Page, name: string): Promise<string[]> {
  await page.evaluate(axe.source); // by the debugger, so the page's Content-Security-Policy does not mind
  const objections: string[] = [];
  for (const [device, size] of Object.entries(DEVICES)) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      if (process.env.SCREENSHOTS) await screenshot(page, `${name}-${device}-${colorScheme}`);
      const wide = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll(".developer, dialog[open]")].some((part) => part.scrollWidth > part.clientWidth),
      );
      if (wide) objections.push(`${name} ${device}: wider than the screen`);
      // Each size and each scheme once: both combinations would take twice the time.
      if ((device === "phone") !== (colorScheme === "light")) continue;
      const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
      for (const { id, nodes } of violations) {
        objections.push(...nodes.map(({ html, failureSummary }) => `${name} ${device} ${colorScheme}: ${id}: ${html} ${failureSummary ?? ""}`));
      }
    }
  }
  return objections;
}

async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(DIRECTORY, { recursive: true });
  // A dialog or panel covers the screen, not the whole height of the page.
  const over = await page.locator("dialog[open], .developer, .undo-bar[data-shown=true]").count();
  await page.screenshot({ path: `${DIRECTORY}/${name}.png`, fullPage: over === 0 });
}
