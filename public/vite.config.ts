import { cp } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// In development Vite serves the page, and everything that is not the page comes from the Go server.
const server = process.env.SERVER ?? "http://127.0.0.1:5014";

// The Go server also serves the official client's bundles, as the official server does (server/app/bundles.go).
const clientBundles = {
  name: "client-bundles",
  apply: "build",
  closeBundle: () => cp("node_modules/socket.io-client/dist", "dist/socket.io-client", { recursive: true }),
} as const;

// The page is built from the sources of the npm package.
export const packageSources = ["react", "testing", ""].map((entry) => ({
  find: new RegExp(`^@neuracampus/attendance-client${entry && `/${entry}`}$`),
  replacement: fileURLToPath(new URL(`client/src/${entry || "index"}.ts`, import.meta.url)),
}));

export default defineConfig({
  resolve: { alias: packageSources },
  plugins: [react(), clientBundles],
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
