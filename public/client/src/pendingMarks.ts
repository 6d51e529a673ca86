import type { Storage } from "./attendance.js";
import { PAUSE, type Reply } from "./connection.js";
import { RefusedError, refusalOf, UnansweredError, type Refusal } from "./errors.js";
import type { Mark } from "./events.js";

/** One mark that the server has not decided on, since `at` (milliseconds since 1970). */
interface Pending {
  mark: Mark;
  at: number;
  waited: boolean;
  sent: boolean;
  resolve: (reply: Reply<"attendanceMarked">) => void;
  reject: (error: unknown) => void;
}

/** A mark that waited longer than a session can last would count for another session. In milliseconds. */
const LONGEST = 2 * 60 * 60 * 1000;

interface Wiring {
  /** Throws where there is none, and where the browser forbids it. Then nothing is kept over a reload. */
  storage: () => Storage;
  slot: string;
  /** Whether the class of a mark can be sent something now. */
  ready: (mark: Mark) => boolean;
  send: (mark: Mark) => Promise<Reply<"attendanceMarked">>;
  /** Says that a mark waits, that it was refused, or that it is done: null. */
  report: (mark: Mark, sending: { waited: boolean; refusal: Refusal | null } | null) => void;
}

/**
 * Keeps each mark, with the code that it was made with, until the server has decided on it, also over a reload. A mark that is sent
 * twice counts once: the server confirms what it has already recorded. A newer mark of the same student replaces the one before.
 */
export function keepMarks({ storage, slot, ready, send, report }: Wiring) {
  const pending = new Map<string, Pending>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const keyOf = ({ classId, sessionType, studentId }: Mark) => JSON.stringify([classId, sessionType, studentId]);
  const isLatest = (entry: Pending) => pending.get(keyOf(entry.mark)) === entry;
  const save = () => {
    try {
      if (pending.size) storage().setItem(slot, JSON.stringify([...pending.values()].map(({ mark, at }) => ({ mark, at }))));
      else storage().removeItem(slot);
    } catch {
      // The marks are sent nevertheless, as long as this page is there.
    }
  };
  const add = (mark: Mark, at: number, waited: boolean): Promise<Reply<"attendanceMarked">> => {
    const before = pending.get(keyOf(mark));
    if (before && !before.sent) before.reject(new UnansweredError("Replaced by a newer mark"));
    const promise = new Promise<Reply<"attendanceMarked">>((resolve, reject) => {
      pending.set(keyOf(mark), { mark, at, waited, sent: false, resolve, reject });
    });
    promise.catch(() => undefined); // the state says it, too
    report(mark, { waited, refusal: null });
    return promise;
  };
  const finish = (entry: Pending, refusal: Refusal | null) => {
    if (!isLatest(entry)) return;
    pending.delete(keyOf(entry.mark));
    save();
    report(entry.mark, refusal && { waited: entry.waited, refusal });
  };
  const refuse = (entry: Pending, error: unknown) => {
    finish(entry, refusalOf(error));
    entry.reject(error);
  };

  async function attempt(entry: Pending): Promise<void> {
    entry.sent = true;
    try {
      const reply = await send(entry.mark);
      finish(entry, null);
      entry.resolve(reply);
    } catch (error) {
      if (error instanceof UnansweredError && isLatest(entry)) {
        entry.sent = false;
        entry.waited = true;
        report(entry.mark, { waited: true, refusal: null });
        clearTimeout(timer);
        timer = setTimeout(flush, PAUSE);
      } else refuse(entry, error);
    }
  }

  /** Sends what can be sent now. */
  function flush(): void {
    for (const entry of pending.values()) {
      if (entry.sent) continue;
      if (Date.now() - entry.at > LONGEST) refuse(entry, new RefusedError("Your mark is too late", "too_late"));
      else if (ready(entry.mark)) void attempt(entry);
    }
  }

  for (const { mark, at } of keptIn(storage, slot)) void add(mark, at, true);

  return {
    add(mark: Mark): Promise<Reply<"attendanceMarked">> {
      const promise = add(mark, Date.now(), !ready(mark));
      save();
      flush();
      return promise;
    },
    flush,
    /** Ends all attempts. What is stored stays for the next store of this user. */
    close(error: Error): void {
      for (const entry of pending.values()) entry.reject(error);
      pending.clear();
    },
  };
}

/** The marks that were kept. Whatever else is there, an older version or another script has put there. */
function keptIn(storage: () => Storage, slot: string): Pick<Pending, "mark" | "at">[] {
  try {
    const kept = JSON.parse(storage().getItem(slot) ?? "[]") as Partial<Pending>[];
    return kept.filter((entry): entry is Pending => typeof entry.at === "number" && typeof entry.mark?.sessionType === "string");
  } catch {
    return [];
  }
}
