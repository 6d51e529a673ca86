// Every program in examples runs as a developer starts it, against the real server.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import react from "@vitejs/plugin-react";
import vue from "@vitejs/plugin-vue";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { build, preview, type InlineConfig, type PluginOption, type PreviewServer } from "vite";
import { packageSources } from "../../vite.config.ts";
import { fixture } from "../browser/support/fixture";

const made = fixture();
const run = promisify(execFile);

/** Asks the server as the teacher of the demo class. */
async function asTeacher(method: string, path: string, body?: object): Promise<unknown> {
  const headers = { "X-User": "teacher-1", "Content-Type": "application/json" };
  const answer = await fetch(`${made.server.url}/api/classes/demo/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  expect(answer.ok, `${method} ${path}: ${String(answer.status)}`).toBe(true);
  return answer.json();
}

beforeAll(() => asTeacher("POST", "sessions", { sessionType: "lecture" }));

const documentation = () => readFile("../docs/frontend.md", "utf8");

/** The page of docs/frontend.md in the React example's place. */
async function documented(): Promise<string> {
  const code = /```tsx\n([^]*?)```/.exec(await documentation())?.[1] ?? "";
  expect(code.trimEnd().split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(15);
  const directory = resolve("test-results", "examples", "documented-source");
  await cp("examples/react", directory, { recursive: true });
  await writeFile(join(directory, "main.tsx"), code.replace("http://localhost:5014", made.server.url).replace("student-1", "student-7").replace('"root"', '"app"'));
  return directory;
}

const alias = [...packageSources, { find: /^react-native$/, replacement: "react-native-web" }];
// One line each: the example, its student, and how Vite builds it.
describe.each<[string, string, string, PluginOption]>([
  ["react", "student-4", "Zoë Müller", react()],
  ["vue", "student-5", "Иван Петров", vue()],
  ["documented", "student-7", "Nguyễn Thị Hoa", react()],
  ["react-native", "student-8", "김민준", react()],
])("the %s example", (name, user, student, plugin) => {
  let server: PreviewServer;
  beforeAll(async () => {
    const root = name === "documented" ? await documented() : resolve("examples", name);
    const options = { root, configFile: false, logLevel: "warn" as const, plugins: [plugin], resolve: { alias } } satisfies InlineConfig;
    const outDir = resolve("test-results", "examples", name);
    await build({ ...options, build: { outDir, emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1000 } });
    server = await preview({ ...options, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
  });
  afterAll(() => server.close());

  test("marks its student and shows the live roster", async () => {
    const page = await made.browser.newPage();
    await page.goto(`${server.resolvedUrls?.local[0] ?? ""}?server=${made.server.url}&user=${user}`);
    await page.getByRole("button", { name: "I am here" }).click();
    await page.getByText(`${student}: present`).waitFor();
    await asTeacher("POST", "marks", { sessionType: "lecture", studentId: user, status: "excused" });
    await page.getByText(`${student}: excused`).waitFor();
    await page.close();
  });
});

test("the documented address of the teacher's page is that of somebody who runs the lecture", async () => {
  const address = /as a teacher, <([^>]*)>/.exec(await documentation())?.[1] ?? "";
  const page = await made.browser.newPage();
  await page.goto(address.replace("http://localhost:5014", made.server.url));
  await page.getByRole("button", { name: "End the lecture" }).waitFor();
  await page.close();
});

test("the HTML example marks its student with the client that the server serves", async () => {
  const page = await made.browser.newPage();
  const address = `${made.server.url}/plain.html`;
  await page.route(`${address}*`, (route) => route.fulfill({ path: "examples/html/index.html" }));
  await page.goto(`${address}?user=student-6`);
  await page.getByText("سارة الخطيب: absent").waitFor();
  // The page connects once more, and gets its answer to fetchAttendance after the update of its own mark.
  await page.evaluate(`{
    const ask = socket.emitWithAck.bind(socket);
    socket.emitWithAck = async (event, data) => {
      const answer = await ask(event, data);
      if (event === "fetchAttendance") {
        document.title = "held";
        await new Promise((resolve) => socket.once("attendanceUpdate", resolve));
        setTimeout(() => (document.title = "given"));
      }
      return answer;
    };
    socket.disconnect().connect();
  }`);
  await page.waitForFunction('document.title === "held"');
  await page.getByRole("button", { name: "I am here" }).click();
  await page.waitForFunction('document.title === "given"');
  await page.getByText("Recorded as present").waitFor();
  await page.getByText("سارة الخطيب: present").waitFor();
  await page.close();
});

/** An application that has installed the package and the official client. */
async function installed(example: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "attendance-example-"));
  await cp(example, directory, { recursive: true });
  await mkdir(join(directory, "node_modules", "@neuracampus"), { recursive: true });
  await symlink(resolve("client"), join(directory, "node_modules", "@neuracampus", "attendance-client"));
  return directory;
}

test("the Node example marks a student", async () => {
  const directory = await installed("examples/node");
  onTestFinished(() => rm(directory, { recursive: true }));
  const { stdout } = await run(process.execPath, [join(directory, "bot.mjs"), made.server.url, "demo", "student-2"], { timeout: 30_000 });
  expect(stdout).toBe("Recorded as present\n");
});

test("the Python example marks a student", async () => {
  const { stdout } = await run("/usr/bin/python3", [resolve("examples/python/bot.py"), made.server.url, "demo", "student-3"], { timeout: 30_000 });
  expect(stdout).toContain("Recorded as present\n");
});

test("no example has more than 60 lines of its own", async () => {
  const files = await readdir("examples", { recursive: true, withFileTypes: true });
  const lines: Record<string, number> = {};
  for (const file of files) {
    if (!file.isFile() || file.parentPath.includes("node_modules") || file.name === "README.md") continue;
    const text = await readFile(join(file.parentPath, file.name), "utf8");
    lines[file.parentPath] = (lines[file.parentPath] ?? 0) + (/\.(json|config\.ts)$/.test(file.name) ? 0 : text.trimEnd().split("\n").length);
  }
  expect(Object.values(lines).length).toBeGreaterThanOrEqual(5);
  for (const [example, count] of Object.entries(lines)) expect(count, example).toBeLessThanOrEqual(60);
});
