// Where scripts play: in Node, and in Chromium on a page of another origin.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { io as io4 } from "socket.io-client";
import io2 from "socket.io-client-2";
import { io as io3 } from "socket.io-client-3";
import { token } from "../token.mjs";
import { Relay } from "./relay.mjs";
import { Script } from "./script.mjs";

export const versions = { "4.x": io4, "3.x": io3, "2.x": io2 };
const packages = { "4.x": "socket.io-client", "3.x": "socket.io-client-3", "2.x": "socket.io-client-2" };

const claims = { sub: "teacher", role: "teacher" };
export const tokens = {
  good: token(claims),
  expired: token({ ...claims, exp: 1 }),
  forged: token(claims, { key: "another secret, just as long as the first one" }),
};

/** Does for a script what only Node can: relays, and the server's stop and start. */
function controls(server) {
  const relays = [];
  const control = async (what, argument) => {
    if (what === "relay") {
      const relay = await Relay.start(server.url, argument);
      return { id: relays.push(relay) - 1, url: relay.url };
    }
    return what in server ? server[what]() : relays[argument][what]();
  };
  return { control, close: () => Promise.all(relays.map((relay) => relay.close())) };
}

/** Plays a situation on both servers, with clients in Node, and returns for each { saw, failure }: what its clients saw, and what the script waited for in vain. */
export function playInNode(situation, version, both) {
  return Promise.all(both.map((server) => playOn(situation, version, server)));
}

async function playOn(situation, version, server) {
  const { control, close } = controls(server);
  try {
    return await new Script({ io: versions[version], version, url: server.url, tokens, control }).play(situation);
  } finally {
    await close();
  }
}

/** Chromium, and a server of its own for the page: another origin than that of the servers that are compared. */
export class Pages {
  static async start() {
    const pages = new Pages();
    const require = createRequire(import.meta.url);
    pages.server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url, "http://localhost");
      const [, version] = /^\/client-(.*)\.js$/.exec(pathname) ?? [];
      const client = version && require.resolve(`${packages[version]}/package.json`).replace("package.json", "dist/socket.io.js");
      const type = pathname.endsWith("js") ? "text/javascript" : "text/html";
      response.writeHead(200, { "Content-Type": type });
      response.end(type === "text/html" ? page(request.url) : await readFile(client ?? new URL(`.${pathname}`, import.meta.url)));
    }).listen(0, "127.0.0.1");
    await once(pages.server, "listening");
    pages.origin = `http://127.0.0.1:${pages.server.address().port}`;
    pages.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
    return pages;
  }

  #open = {};
  #controls = new Map();

  /** Like playInNode, on a page. Situations have a page to themselves, for a browser opens few connections at a time. */
  play(situation, version, both) {
    const key = `${version} ${situation.cookie ?? false}`;
    const before = this.#open[key] ?? this.#visit(version, situation.cookie);
    const played = before.then(async ({ page }) => {
      const played = [];
      for (const server of both) played.push(await this.#playOn(page, situation, version, server));
      return played;
    });
    this.#open[key] = played.then(() => before, () => before);
    return played;
  }

  async #visit(version, cookie) {
    const context = await this.browser.newContext();
    if (cookie) await context.addCookies([{ name: "accessToken", value: tokens.good, url: this.origin }]); // of the host, on each port
    const page = await context.newPage();
    await page.exposeFunction("control", (run, ...what) => this.#controls.get(run)(...what));
    await page.goto(`${this.origin}/?version=${version}`);
    await page.waitForFunction("globalThis.play");
    return { page };
  }

  async #playOn(page, situation, version, server) {
    const { control, close } = controls(server);
    const run = `${situation.name}, ${version}, ${server.url}`;
    this.#controls.set(run, control);
    try {
      return await page.evaluate((parameters) => globalThis.play(parameters), { name: situation.name, version, url: server.url, run, tokens });
    } finally {
      this.#controls.delete(run);
      await close();
    }
  }

  async close() {
    await this.browser.close();
    this.server.close();
    this.server.closeAllConnections();
  }
}

const page = (url) => `<!DOCTYPE html><title>matrix</title>
<script src="/client-${new URL(url, "http://localhost").searchParams.get("version")}.js"></script>
<script type="module">
  import { Script } from "/script.mjs";
  import { situations } from "/situations.mjs";
  globalThis.play = ({ name, ...place }) =>
    new Script({ io, control: (...what) => globalThis.control(place.run, ...what), ...place }).play(situations.find((situation) => situation.name === name));
</script>`;
