const KEY = "attendance.device";

/** A random id of this browser. The server tells the teacher when two students mark with the same one. */
export function deviceId(): string {
  const known = localStorage.getItem(KEY);
  if (known) return known;
  // Unlike randomUUID, this also works where the page came over plain http.
  const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem(KEY, made);
  return made;
}
