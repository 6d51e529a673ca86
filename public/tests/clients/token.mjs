// Tokens as a campus's login would make them (HS256).
import { createHmac } from "node:crypto";

export const secret = "a shared secret for the tests only, 0123456789";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token with these claims, signed with key. Unless the claims say otherwise it is good for an hour. */
export function token(claims, key = secret) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ exp, ...claims })}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
