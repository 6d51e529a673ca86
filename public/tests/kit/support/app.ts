import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { build, preview, type InlineConfig, type PreviewServer } from "vite";

const run = promisify(execFile);
const MODULES = resolve("node_modules");
/** What the application installs, besides the package. */
const INSTALLED = ["react", "react-dom", "socket.io-client", "@types/react", "@types/react-dom"];
const NAME = "@neuracampus/attendance-client";

/** A Vite application outside the repository that has installed the packed package. */
export interface App {
  directory: string;
  /** The package as the application has it. */
  installed: string;
  remove: () => Promise<void>;
}

export async function createApp(): Promise<App> {
  const directory = await mkdtemp(join(tmpdir(), "attendance-app-"));
  await cp("tests/kit/app", directory, { recursive: true });
  const installed = join(directory, "node_modules", NAME);
  await mkdir(installed, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", directory], { cwd: "client" });
  await run("tar", ["-xzf", join(directory, stdout.trim()), "-C", installed, "--strip-components=1"]);
  for (const name of INSTALLED) {
    const link = join(directory, "node_modules", name);
    await mkdir(join(link, ".."), { recursive: true });
    await symlink(join(MODULES, name), link);
  }
  return { directory, installed, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Builds the application and serves it, as `vite build` and `vite preview` do. */
export async function serveApp({ directory }: App): Promise<{ url: string; stop: () => Promise<void> }> {
  const options = { root: directory, configFile: false, logLevel: "warn", plugins: [react()] } satisfies InlineConfig;
  const input = ["index.html", "strict.html"].map((page) => join(directory, page));
  await build({ ...options, build: { target: "es2022", rolldownOptions: { input } } });
  const server: PreviewServer = await preview({ ...options, preview: { host: "127.0.0.1", port: 0 } });
  return { url: server.resolvedUrls?.local[0] ?? "", stop: () => server.close() };
}

/** What the compiler says of the application, which finds modules in the given way. */
export async function typeErrors({ directory }: App, moduleResolution: "bundler" | "nodenext"): Promise<string> {
  const module = moduleResolution === "nodenext" ? "nodenext" : "esnext";
  const flags = ["--noEmit", "--strict", "--target", "es2022", "--jsx", "react-jsx", "--types", "react", "--module", module, "--moduleResolution", moduleResolution];
  const files = ["src/main.tsx", "src/strict.tsx", "src/types.ts"];
  return run(join(MODULES, ".bin/tsc"), [...flags, ...files], { cwd: directory }).then(({ stdout }) => stdout, (error: unknown) => (error as { stdout: string }).stdout);
}

/** Runs a script of the application in Node, and returns what it prints. */
export async function runScript({ directory }: App, script: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(directory, script), ...args], { timeout: 30_000 });
  return stdout;
}

/** The bytes of an entry of the package, minified, with all that it needs but its peers, as gzip sends them. */
export async function bundleSize({ installed, directory }: App, entry: string): Promise<number> {
  const result = await build({
    root: directory,
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      target: "es2022",
      minify: true,
      rolldownOptions: { input: join(installed, "dist", entry), external: ["socket.io-client", "react"], preserveEntrySignatures: "strict" },
    },
  });
  const outputs = [result].flat().flatMap((each) => ("output" in each ? each.output : []));
  return outputs.reduce((sum, output) => sum + (output.type === "chunk" ? gzipSync(output.code).length : 0), 0);
}
