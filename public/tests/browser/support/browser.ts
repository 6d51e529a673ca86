import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

/** Debian's Chromium, or the one that CHROMIUM names. */
export function startBrowser(...extra: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync", ...extra,
    ],
  });
}

/** The errors of a page, those of its Content-Security-Policy included. */
const pageErrors = new WeakMap<Page, string[]>();

/** Opens the page on a separate device. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  return watch(page, url);
}

/** Goes to url, and records the errors of the page from then on. */
export async function watch(page: Page, url: string): Promise<Page> {
  const errors: string[] = [];
  pageErrors.set(page, errors);
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // Tests cause failed connections and refused requests on purpose.
    if (message.type() === "error" && !/net::ERR_|WebSocket|status of 400/.test(message.text())) errors.push(message.text());
  });
  await page.goto(url);
  return page;
}

export const errorsOf = (page: Page): readonly string[] => pageErrors.get(page) ?? [];

export const asTeacher = (url: string, more = "", classId = "demo") => `${url}/?role=teacher&class=${classId}&user=teacher-1${more}`;
export const asStudent = (url: string, n: number, more = "", classId = "demo") =>
  `${url}/?role=student&class=${classId}&user=student-${n}${more}`;
