import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// In development Vite serves the page, and everything that is not the page comes from the Go server.
const server = process.env.SERVER ?? "http://127.0.0.1:5014";

// Below this part of its size, a file is worth compressing.
const WORTH = 0.9;

/** Puts compressed files in the place of the files of a directory, except of pages, into which the server writes its settings. */
async function compress(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith(".html")) continue;
    const file = join(entry.parentPath, entry.name);
    const content = await readFile(file);
    const compressed = gzipSync(content, { level: 9 });
    if (compressed.length > content.length * WORTH) continue;
    await writeFile(`${file}.gz`, compressed);
    await rm(file);
  }
}

// The Go server also serves the official client's bundles, as the official server does (server/app/bundles.go). It embeds all files as
// most clients take them.
const forServer = {
  name: "for-server",
  apply: "build",
  closeBundle: async () => {
    await cp("node_modules/socket.io-client/dist", "dist/socket.io-client", { recursive: true });
    await compress("dist");
  },
} as const;

// The page is built from the sources of the npm package.
export const packageSources = ["react", "testing", ""].map((entry) => ({
  find: new RegExp(`^@neuracampus/attendance-client${entry && `/${entry}`}$`),
  replacement: fileURLToPath(new URL(`client/src/${entry || "index"}.ts`, import.meta.url)),
}));

export default defineConfig({
  resolve: { alias: packageSources },
  plugins: [react(), forServer],
  // static/ holds the icon, and .gitkeep, which has to survive the emptying of dist/ at every build.
  publicDir: "static",
  build: {
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "docs.html"] },
    chunkSizeWarningLimit: 2000, // the viewer of /docs comes in one piece, and only there
  },
  server: {
    proxy: {
      "/socket.io": { target: server, ws: true },
      "/api": server,
      "/healthz": server,
    },
  },
  test: { include: ["src/**/*.test.ts", "client/src/**/*.test.ts"] },
});
