import type { Link } from "../attendance/state";

/** Nothing is open. */
export function Waiting({ link, again }: { link: Link; again: boolean }) {
  return (
    <section className="card waiting" role="status">
      <span className="breathing" aria-hidden="true" />
      <h2>{again ? "Nothing is open right now" : "Waiting for your teacher"}</h2>
      <p className="muted">
        {link === "online"
          ? "This page changes by itself when attendance opens. Leave it open."
          : "There is no connection at the moment. It is made again by itself."}
      </p>
    </section>
  );
}
