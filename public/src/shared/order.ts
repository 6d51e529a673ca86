import type { Id } from "@neuracampus/attendance-client";

// A fixed language: the server sorts its lists and exports in the same way, whatever language a browser has.
// order.json is the test of both.
const collator = new Intl.Collator("en", { numeric: true });

/** The order of students in lists: by name or, if there is none, by id; then by id. */
export function byName(a: { id: Id; name: string }, b: { id: Id; name: string }): number {
  return collator.compare(a.name || String(a.id), b.name || String(b.id)) || byId(a, b);
}

export function byId(a: { id: Id }, b: { id: Id }): number {
  const [x, y] = [String(a.id), String(b.id)];
  return collator.compare(x, y) || Number(x > y) - Number(x < y);
}
