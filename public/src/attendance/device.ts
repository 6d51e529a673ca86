import { browserStorage } from "../shared/storage";

const KEY = "attendance.device";
const FORM = /^[0-9a-f]{32}$/;

/** A random id that this browser keeps and sends with its students' marks. Whoever clears the browser's storage gets a new one. */
export function deviceId(): string {
  const known = browserStorage.get(KEY) ?? "";
  if (FORM.test(known)) return known;
  // Not randomUUID: without HTTPS browsers do not have it.
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  browserStorage.set(KEY, id);
  return id;
}
