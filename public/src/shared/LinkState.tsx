import type { Link } from "../attendance/state";

const WORDS: Record<Link, string> = {
  connecting: "Connecting",
  online: "Online",
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
