// deploy/attendance.service takes from the server what it does not need.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { read } from "./document.mjs";

const unit = fileURLToPath(new URL("../../../deploy/attendance.service", import.meta.url));

test("systemd-analyze security gives attendance.service 2.0 at most", (t) => {
  // It fails above the threshold, in tenths.
  const report = execFileSync("systemd-analyze", ["security", "--offline=true", "--no-pager", "--threshold=20", unit], { encoding: "utf8" });
  const [summary] = report.match(/Overall exposure level.*/);
  t.diagnostic(summary);
  const level = summary.match(/: (\d+\.\d+) /)[1];
  assert.ok(read("docs/operations.md").includes(`\`systemd-analyze security attendance\`: ${level}`), `docs/operations.md does not say ${level}`);
});

test("the unit gives the server more time to stop than SHUTDOWN_TIMEOUT", () => {
  const [, timeout] = read("deploy/attendance.service").match(/^TimeoutStopSec=(\d+)$/m);
  const [, standard] = read(".env.example").match(/^SHUTDOWN_TIMEOUT=(\d+)s$/m);
  assert.ok(Number(timeout) > Number(standard));
});
