// A real MariaDB from Debian's package, with a directory, a socket and a port of its own.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child, freePort, until } from "./process.mjs";

const run = promisify(execFile);
const user = `--user=${userInfo().username}`;
// Tests kill the process, never the machine: what it has written survives in the kernel without being synced to the disk.
const unsynced = ["--innodb-flush-method=nosync", "--debug-no-sync", "--skip-sync-frm", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"];

export class MariaDB {
  #child;
  #databases = 0;
  #extra = [];

  /** Extra are more options of mariadbd. */
  static async start(extra = []) {
    const database = new MariaDB();
    database.#extra = extra;
    database.directory = await mkdtemp(join(tmpdir(), "attendance-mariadb-"));
    database.port = await freePort();
    const data = `--datadir=${join(database.directory, "data")}`;
    await run("mariadb-install-db", ["--no-defaults", data, user, "--auth-root-authentication-method=normal", "--skip-test-db", ...unsynced], database.#options);
    await database.start();
    return database;
  }

  async start() {
    const child = new Child(
      "mariadbd",
      [
        "--no-defaults",
        `--datadir=${join(this.directory, "data")}`,
        `--socket=${this.#socket}`,
        `--port=${this.port}`,
        "--bind-address=127.0.0.1",
        "--performance-schema=OFF",
        ...unsynced,
        ...this.#extra,
        user,
      ],
      this.#options,
    );
    this.#child = child;
    await until(
      () => `MariaDB answers\n${child.output}`,
      () => {
        if (!child.running) throw new Error(`MariaDB exited at start:\n${child.output}`);
        return this.execute("SELECT 1").then(() => true, () => false);
      },
    );
  }

  get #options() {
    // mariadbd is in sbin, which is not on every PATH. A server that starts removes the temporary tables that it finds, so each has its
    // own directory for them.
    return { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, TMPDIR: this.directory } };
  }

  get #socket() {
    return join(this.directory, "mysqld.sock");
  }

  async execute(statement) {
    await run("mariadb", ["--no-defaults", `--socket=${this.#socket}`, "--user=root", `--execute=${statement}`], this.#options);
  }

  /** The rows of a query as lists of texts. The values must hold no tabs and no line breaks. */
  async rows(database, query) {
    const options = ["--no-defaults", `--socket=${this.#socket}`, "--user=root", "--batch", "--skip-column-names", `--execute=${query}`, database];
    const { stdout } = await run("mariadb", options, { ...this.#options, maxBuffer: 1 << 30 });
    return stdout.split("\n").slice(0, -1).map((line) => line.split("\t"));
  }

  /** Creates an empty database and returns its DSN. */
  async create() {
    const name = `attendance_${++this.#databases}`;
    await this.execute(`CREATE DATABASE ${name}`);
    return `root@tcp(127.0.0.1:${this.port})/${name}`;
  }

  async stop() {
    await this.#child.stop("SIGTERM");
  }

  /** Ends it as a power cut would. */
  async kill() {
    await this.#child.stop("SIGKILL");
  }

  /** SIGSTOP holds it, SIGCONT lets it go on. */
  signal(name) {
    this.#child.process.kill(name);
  }

  /** For the end of a suite: stops it and removes its files. */
  async remove() {
    if (this.#child.running) await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
