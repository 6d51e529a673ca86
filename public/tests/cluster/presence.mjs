// Who is in a class, as its clients are told (invariant 7).
import { connectionsOf, endOf, groupBy, hasGone, isDisturbed } from "./deliveries.mjs";

const presenceEvents = ["userJoined", "userLeft"];

/** What a connection was told of who came and who left: { at, event, userId }. */
const toldOfUsers = ({ entries }) =>
  entries.filter(({ kind, event }) => kind === "event" && presenceEvents.includes(event)).map(({ at, event, data }) => ({ at, event, userId: data.userId }));

/**
 * The times that a client was in its class, in order: connections with { end: until when it was surely there, gone: since when it surely was
 * not, back: when the client began to enter again }.
 */
export function staysOf(client, recording) {
  const stays = connectionsOf(client).filter(({ joinedAt }) => joinedAt);
  return stays.map((stay, i) => {
    const end = endOf(stay, recording);
    const left = stay.removal ? (stay.removal.done ?? stay.to ?? recording.to) : end;
    // A node that stops does not say who leaves, because its clients are about to come back on another.
    const stops = recording.faults.filter(({ kind, nodes, from, to }) => kind === "restart" && nodes.includes(stay.node) && from <= left && left <= to);
    return { ...stay, end, gone: Math.max(left, ...stops.map(({ to }) => to)), back: stays[i + 1]?.joinSentAt ?? Infinity };
  });
}

/**
 * A user joins and leaves in turn for each connection that watches. Who is away for longer than the limit was told to have left by then,
 * and nobody else was. In the end, what clients were told and what the nodes say is who is in the class.
 */
export function presence({ recording }, limits) {
  const classes = groupBy(recording.clients, ({ classId }) => classId);
  return [...classes.entries()].flatMap(([classId, clients]) => {
    const stays = clients.flatMap((client) => staysOf(client, recording));
    const watchers = stays.map((stay) => ({ ...stay, told: groupBy(toldOfUsers(stay), ({ userId }) => userId) }));
    const here = new Set(clients.filter((client) => !hasGone(client)).map(({ userId }) => userId));
    return [
      ...watchers.flatMap(repeated),
      ...watchers.flatMap((watcher) => leftForNoReason(watcher, stays, recording, limits)),
      ...watchers.flatMap((watcher) => notLeft(watcher, stays, recording, limits)),
      ...watchers.filter(({ to }) => to === undefined).flatMap((watcher) => wrongPicture(watcher, here)),
      ...(recording.present ?? []).filter((present) => present.classId === classId).flatMap((present) => wrongAnswer(present, here)),
    ];
  });
}

function repeated({ name, told }) {
  return [...told].flatMap(([userId, events]) =>
    events.filter(({ event }, i) => i > 0 && event === events[i - 1].event).map(({ event }) => `${name} was told twice in a row: ${event} of ${userId}`),
  );
}

/** A user was told to have left who was there all the time. */
function leftForNoReason(watcher, stays, recording, { left, delivery }) {
  const isThere = ({ client, node, joinedAt, end }, { at, userId }) =>
    client.userId === userId && joinedAt < at - left - delivery && end > at + delivery && !isDisturbed(recording, { node }, at - left, at);
  const told = [...watcher.told.values()].flat().filter(({ event, at }) => event === "userLeft" && !isDisturbed(recording, watcher, at - left, at));
  return told
    .filter((event) => stays.some((stay) => isThere(stay, event)))
    .map(({ userId }) => `${watcher.name} was told that ${userId} has left, who was there`);
}

/** The stays whose end somebody else in the class must be told of in time. */
const absences = (stays, limit) => stays.filter(({ gone, back }) => back - gone > limit);

/** Whether a watcher was in the class all the time in which it must be told of the end of a stay, and its node could tell it. */
function canWatch(watcher, stay, recording, limit) {
  const { client, node, end, gone } = stay;
  const began = Math.min(end, ...recording.faults.filter(({ nodes, from, to }) => nodes.includes(node) && from <= gone && to > end - limit).map(({ from }) => from));
  // A node that was started before the watcher entered works.
  const faults = recording.faults.filter(({ kind, to }) => !(["kill", "restart"].includes(kind) && to < watcher.from));
  return watcher.client !== client && watcher.joinedAt < began && watcher.end > gone + limit && !isDisturbed({ faults }, watcher, began, gone + limit);
}

function notLeft(watcher, stays, recording, { left: limit }) {
  return absences(stays, limit)
    .filter((stay) => canWatch(watcher, stay, recording, limit))
    .filter(({ client, from, gone }) => !watcher.told.get(client.userId)?.some(({ event, at }) => event === "userLeft" && at > from && at <= gone + limit))
    .map(({ name }) => `${watcher.name} was not told within ${limit} ms that ${name} was gone`);
}

function wrongPicture({ name, told }, here) {
  return [...told]
    .map(([userId, events]) => [userId, events.at(-1).event])
    .filter(([userId, event]) => (event === "userJoined") !== here.has(userId))
    .map(([userId, event]) => `the last that ${name} was told of ${userId} is ${event}, who ${here.has(userId) ? "is" : "is not"} in the class`);
}

function wrongAnswer({ classId, node, users = [] }, here) {
  const [said, truth] = [[...users].sort().join(", "), [...here].sort().join(", ")];
  return said === truth ? [] : [`node ${node} says that in ${classId} there are ${said}, and there are ${truth}`];
}

/** How often somebody had to be told, and could be, that a user was gone. */
export function departuresWatched(recording, { left }) {
  const classes = groupBy(recording.clients, ({ classId }) => classId);
  return [...classes.values()].flatMap((clients) => {
    const stays = clients.flatMap((client) => staysOf(client, recording));
    return absences(stays, left).filter((stay) => stays.some((watcher) => canWatch(watcher, stay, recording, left)));
  }).length;
}
