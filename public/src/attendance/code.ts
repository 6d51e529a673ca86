// The code of a session with proof: six characters of an alphabet without those that are easily mistaken for each other.

export const CODE_LENGTH = 6;
export const CODE = /^[23456789ABCDEFGHJKMNPQRSTVWXYZ]{6}$/;

/** What was typed or pasted, as the server reads it: case, spaces and dashes do not matter. */
export const plainCode = (typed: string): string => typed.replace(/[\s-]/g, "").toUpperCase();

const KEY = "code";

/** The code that a QR code put into the address: in the fragment, which no server and no log sees. */
export function codeOfAddress(hash: string): string {
  const code = plainCode(new URLSearchParams(hash.replace(/^#/, "")).get(KEY) ?? "");
  return CODE.test(code) ? code : "";
}

export const fragmentOf = (code: string): string => `#${KEY}=${code}`;
