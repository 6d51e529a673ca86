import { defineConfig } from "vitest/config";

// The page in Chromium against the server binary that SERVER_BINARY names.
export default defineConfig({
  test: {
    include: ["tests/browser/*.test.ts"],
    // Chromium and the server keep two cores busy with one file at a time; two finish sooner than four.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
