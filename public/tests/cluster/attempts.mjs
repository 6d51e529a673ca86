// What clients know of the marks that they sent.
import { isDisturbed, keyOf } from "./deliveries.mjs";

const attemptKey = (by, { classId, sessionType, studentId, status }) => JSON.stringify([by, classId, sessionType, studentId, status]);

/** The answer of a server whose database broke off during the COMMIT. The mark may be stored. */
const isOutcomeUnknown = (answer) => answer === undefined || answer.reason === "outcome_unknown";

/**
 * The marks that were sent: acknowledged, a list of { userId, key of the row }, and open, the times at which marks were sent whose
 * outcome the client does not know.
 */
function sentMarks(recording) {
  const acknowledged = [];
  const open = new Map();
  for (const { userId, entries } of recording.clients) {
    const answers = new Map(entries.filter(({ kind }) => kind === "answer").map(({ id, answer }) => [id, answer]));
    for (const { id, data, at } of entries.filter(({ kind, event }) => kind === "sent" && event === "attendanceMarked")) {
      const answer = answers.get(id);
      if (answer?.success) acknowledged.push({ userId, key: keyOf({ kind: "mark", ...data, at: Date.parse(answer.timestamp) }) });
      else if (isOutcomeUnknown(answer)) open.set(attemptKey(userId, data), [...(open.get(attemptKey(userId, data)) ?? []), at]);
    }
  }
  return { acknowledged, open };
}

/**
 * Whose mark each stored row is: { acknowledged, untold, unsent }. Unsent are the rows that nobody sent, or that were refused. Untold are
 * the keys of those that one server alone may have told nobody of, because its database broke off during the COMMIT. A cluster has its
 * log for that, so there are none.
 */
export function attribute(recording, history) {
  const { acknowledged, open } = sentMarks(recording);
  const known = new Set(acknowledged.map(({ key }) => key));
  const untold = new Set();
  const alone = recording.nodes.length === 1;
  const unsent = [];
  for (const row of history.marks.filter(({ way }) => way === "socket")) {
    const key = keyOf({ kind: "mark", ...row });
    if (known.has(key)) continue;
    const attempts = open.get(attemptKey(row.by, row)) ?? [];
    const index = attempts.findIndex((sent) => sent <= row.at);
    if (index < 0) unsent.push(key);
    else attempts.splice(index, 1);
    if (index >= 0 && alone && isDisturbed(recording, { node: recording.nodes[0] }, row.at, row.at)) untold.add(key);
  }
  return { acknowledged, untold, unsent };
}
