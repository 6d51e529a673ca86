import type { Link } from "../attendance/state";

const WORDS: Record<Link, string> = {
  connecting: "Connecting",
  online: "Online",
  offline: "Offline",
  refused: "Not let in",
};

/** Whether there is a connection: a filled dot, a turning one or an empty one, and the word. */
export function LinkState({ link }: { link: Link }) {
  return (
    <span className="link-state" data-link={link} role="status">
      <span className="dot" aria-hidden="true" />
      {WORDS[link]}
    </span>
  );
}
