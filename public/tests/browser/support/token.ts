import { createHmac } from "node:crypto";

/** The JWT_SECRET of a server in signed mode. */
export const SECRET = "a secret of these tests that is long enough";

/** A token of a user, for ten minutes unless it is said otherwise. */
export function tokenOf(user: string, role: "teacher" | "student" | "admin", seconds = 600): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: user, role, exp })}`;
  return `${content}.${createHmac("sha256", SECRET).update(content).digest("base64url")}`;
}
