import type { Link } from "@neuracampus/attendance-client";

const WORDS: Record<Link, string> = {
  connecting: "Connecting",
  live: "Online",
  offline: "Offline",
  refused: "Not let in",
};

/** The state of the connection: a dot and a word. */
export function LinkState({ link }: { link: Link }) {
  return (
    <span className="link-state" data-link={link} role="status">
      <span className="dot" aria-hidden="true" />
      {WORDS[link]}
    </span>
  );
}
