// Tokens as a campus's login would make them.
import { createHmac, sign } from "node:crypto";

export const secret = "a shared secret for the tests only, 0123456789";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token with these claims, signed with key. Unless the claims say otherwise it is good for an hour. */
export function token(claims, { alg = "HS256", key = secret } = {}) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const signed = `${encode({ alg, typ: "JWT" })}.${encode({ exp, ...claims })}`;
  const signature = {
    HS256: () => createHmac("sha256", key).update(signed).digest("base64url"),
    ES256: () => sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url"),
    none: () => "",
  }[alg]();
  return `${signed}.${signature}`;
}
