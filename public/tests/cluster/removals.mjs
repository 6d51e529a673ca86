// Who was removed from a class, and what reached them afterwards (invariant 10).
import { allConnections, isDisturbed, waitedFor } from "./deliveries.mjs";

const classEvents = ["attendanceStarted", "attendanceUpdate", "attendanceEnded", "userJoined", "userLeft"];

const noLongerIn = "You are no longer in this class";

const isNotice = ({ kind, event, data }) => kind === "event" && event === "class:error" && data.message === noLongerIn;

/** The connections whose users the server says it has removed. */
export const removalsIn = (recording) => allConnections(recording).filter(({ removal }) => removal?.done);

/**
 * Who was removed is told so, and after that nothing of the class. Nothing that was committed after the answer to the request reaches them,
 * whether they were told or not.
 */
export function removals({ recording }, { delivery: limit }) {
  return removalsIn(recording).flatMap((connection) => {
    const { name, entries, removal, to } = connection;
    const from = entries.findIndex(({ kind }) => kind === "remove");
    const notice = entries.findIndex((entry, i) => i > from && isNotice(entry));
    const violations = entries
      .filter(({ kind, event, data }, i) => kind === "event" && classEvents.includes(event) && ((notice >= 0 && i > notice) || Date.parse(data.timestamp) > removal.done))
      .map(({ event, data }) => `${name} was sent ${event} ${JSON.stringify(data)} after the removal`);
    if (notice < 0 && waitedFor(recording, removal.done, to ?? recording.to) >= limit && !isDisturbed(recording, connection, removal.from, removal.done + limit)) {
      violations.push(`${name} was not told of the removal`);
    }
    return violations;
  });
}
