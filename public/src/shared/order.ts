import type { Id } from "../events";

// A fixed language: the server sorts its lists and exports in the same way, whatever language a browser has.
// order.json is the test of both.
const collator = new Intl.Collator("en", { numeric: true });

/** The order of people in lists: by name or, where there is none, by id; then by id. */
export function byName(a: { id: Id; name: string }, b: { id: Id; name: string }): number {
  const [x, y] = [String(a.id), String(b.id)];
  return collator.compare(a.name || x, b.name || y) || collator.compare(x, y) || Number(x > y) - Number(x < y);
}
