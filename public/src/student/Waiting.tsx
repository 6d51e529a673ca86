import type { Link } from "@neuracampus/attendance-client";

/** Shown while no session is open. */
export function Waiting({ link, again }: { link: Link; again: boolean }) {
  return (
    <section className="card waiting" role="status">
      <span className="breathing" aria-hidden="true" />
      <h2>{again ? "No session is open" : "Waiting for your teacher"}</h2>
      <p className="muted">
        {link === "live"
          ? "This page changes by itself when attendance opens. Leave it open."
          : "There is no connection at the moment. The page reconnects by itself."}
      </p>
    </section>
  );
}
