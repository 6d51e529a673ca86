import type { Attendance, Id, Phase, Session, Status } from "@neuracampus/attendance-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { api } from "../browser/support/api";
import { randomFrom } from "../browser/support/noise";
import { startServer, type Server } from "../browser/support/server";
import { connectThroughRelay, type Client } from "./support/worlds";
import { until } from "./support/until";

// Whatever connections are lost while a class marks, each client then shows what the database holds.

/** How many connections are cut: 1000 with `make test-cuts`. */
const CUTS = Number(process.env.CUTS ?? 60);
const SEED = Number(process.env.SEED ?? 1);

const CLASS = "cuts";
const TYPES = ["lecture", "lab"] as const;
const STATUSES: readonly Status[] = ["present", "late", "absent", "excused"];
const STUDENTS = Array.from({ length: 40 }, (_, i) => `student-${i + 1}`);
const WATCHED = { teachers: 2, students: 4 };
/** How long marks go on in one round, in milliseconds. */
const ROUND = 250;

const random = randomFrom(SEED);
const any = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let server: Server;
const clients: Client[] = [];
/** How many answers had only what has changed. */
let short = 0;
beforeAll(async () => {
  server = await startServer({ EVENT_RATE: "10000", MAX_SOCKETS_PER_USER: "100" });
  await api(server.url, "/classes", "POST", { id: CLASS, name: "Cuts" });
  await api(server.url, `/classes/${CLASS}/roster`, "PUT", { students: STUDENTS.map((id) => ({ id, name: `Name of ${id}` })) });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await server.stop();
});

async function connect(userId: string): Promise<Client> {
  const client = await connectThroughRelay(server, {
    userId,
    role: userId.startsWith("teacher") ? "teacher" : "student",
    onReply: ({ reply }) => {
      if ("since" in reply && reply.since) short++;
    },
  });
  clients.push(client);
  await client.join(CLASS);
  return client;
}

/** Marks students and ends and starts sessions until it is stopped. */
function load(teacher: Attendance): () => Promise<void> {
  let stopped = false;
  const act = () => {
    const sessionType = any(TYPES);
    const chance = random();
    if (chance < 0.03) return teacher.end({ classId: CLASS, sessionType });
    if (chance < 0.1) return teacher.start({ classId: CLASS, sessionType });
    return teacher.mark({ classId: CLASS, sessionType, studentId: any(STUDENTS), studentName: "", status: any(STATUSES) });
  };
  const run = async () => {
    while (!stopped) await Promise.all(Array.from({ length: 8 }, () => act().catch(() => undefined))); // a mark in an ended session is refused
  };
  const done = run();
  return () => {
    stopped = true;
    return done;
  };
}

/** Loses a client's connection at some moment, and once more where the first cut was early; also while it connects again. */
async function cutAtRandom(client: Client): Promise<number> {
  let cuts = 0;
  for (let left = ROUND * random(); left > 0; left -= ROUND * (0.2 + random())) {
    await pause(left * random());
    client.cut();
    cuts++;
    // A student presses while offline: the mark must arrive once.
    if (cuts === 1 && random() < 0.3) void client.mark({ classId: CLASS, sessionType: any(TYPES) }).catch(() => undefined);
    await pause(30 * random());
    client.mend();
  }
  return cuts;
}

type Shown = Record<string, { phase: Phase; records: Record<string, Status> }>;

async function stored(): Promise<Shown> {
  const { sessions } = (await api(server.url, `/classes/${CLASS}/sessions`)) as { sessions: { id: number; sessionType: string }[] };
  const shown: Shown = {};
  for (const { id, sessionType } of sessions) {
    const report = (await api(server.url, `/sessions/${id}`)) as { state: Phase; records: { studentId: Id; status: Status }[] };
    shown[sessionType] = { phase: report.state, records: Object.fromEntries(report.records.map(({ studentId, status }) => [studentId, status])) };
  }
  return shown;
}

const shownBy = (client: Client): Shown =>
  Object.fromEntries(Object.entries(client.getSnapshot().classes[CLASS]?.sessions ?? {}).map(([type, session]) => [type, shownSession(session)]));

const shownSession = ({ phase, records }: Session) => ({ phase, records: Object.fromEntries([...records].map(([id, { status }]) => [id, status])) });

test(`after ${CUTS} cuts clients show what is stored`, { timeout: 600_000 }, async () => {
  const writer = await connect("teacher-1");
  for (const sessionType of TYPES) await writer.start({ classId: CLASS, sessionType });
  const watched: Client[] = [];
  for (let i = 0; i < WATCHED.teachers; i++) watched.push(await connect("teacher-1"));
  for (let i = 0; i < WATCHED.students; i++) watched.push(await connect(STUDENTS[i] ?? ""));

  let cuts = 0;
  while (cuts < CUTS) {
    const stop = load(writer);
    const made = await Promise.all(watched.map(cutAtRandom));
    await stop();
    for (const client of watched) {
      await until(client, "live, nothing waits", ({ status, classes }) =>
        status === "live" && Object.values(classes[CLASS]?.sessions ?? {}).every(({ sending }) => [...sending.values()].every(({ refusal }) => refusal)));
    }
    const truth = await stored();
    cuts += made.reduce((sum, n) => sum + n, 0);
    for (const [i, client] of watched.entries()) {
      await expect.poll(() => shownBy(client), { timeout: 10_000, message: `client ${i} after ${cuts} cuts, SEED=${SEED}` }).toEqual(truth);
    }
  }
  expect(short).toBeGreaterThan(0);
});
