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

/** What a page complained about, errors and refusals by the Content-Security-Policy among it. */
const complaints = new WeakMap<Page, string[]>();

/** Opens the page as somebody on a device of their own. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  return watch(page, url);
}

/** Goes to url, and from then on notes what the page complains about. */
export async function watch(page: Page, url: string): Promise<Page> {
  const heard: string[] = [];
  complaints.set(page, heard);
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("console", (message) => {
    // A connection that fails while the network is away, and a request that the server refuses, are what tests are about.
    if (message.type() === "error" && !/net::ERR_|WebSocket|status of 400/.test(message.text())) heard.push(message.text());
  });
  await page.goto(url);
  return page;
}

export const complaintsOf = (page: Page): readonly string[] => complaints.get(page) ?? [];

export const asTeacher = (url: string, more = "", classId = "demo") => `${url}/?role=teacher&class=${classId}&user=teacher-1${more}`;
export const asStudent = (url: string, n: number, more = "", classId = "demo") =>
  `${url}/?role=student&class=${classId}&user=student-${n}${more}`;
