import { defineConfig } from "vitest/config";
import { packageSources } from "./vite.config.ts";

// The npm package and the examples against the server binary that SERVER_BINARY names.
export default defineConfig({
  resolve: { alias: packageSources },
  test: {
    include: ["tests/kit/*.test.ts", "tests/examples/*.test.ts"],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
