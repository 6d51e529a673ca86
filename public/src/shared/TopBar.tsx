import type { Link, Role } from "@neuracampus/attendance-client";
import { go, useAddress } from "../address";
import type { User } from "../attendance/useClassAttendance";
import { LinkState } from "./LinkState";
import { Logo } from "./Logo";

/** Link: null where the page has no connection. */
interface Props { id: string; name: string; user: User; link: Link | null }

const ROLE_WORDS: Record<Role, string> = { teacher: "teacher", student: "student", admin: "administrator" };

export function TopBar({ id, name, user, link }: Props) {
  const { dev } = useAddress();
  return (
    <header className="top-bar">
      <a className="skip" href="#main">Skip to the content</a>
      <Logo />
      <h1 className="class-name">
        {name || id}
        {name && name !== id && <> <span className="class-id muted small mono">{id}</span></>}
      </h1>
      {link && <LinkState link={link} />}
      <span className="who">
        <strong>{user.name || user.id}</strong>
        <span className="muted">{ROLE_WORDS[user.role]}</span>
      </span>
      <button type="button" className="quiet" onClick={() => go({ role: "", user: "", name: "", view: "", search: "", session: "" })}>
        Change
      </button>
      {link && (
        <button
          type="button"
          className="quiet"
          aria-pressed={dev !== ""}
          aria-label="Developer panel"
          title="Developer panel"
          onClick={() => go({ dev: dev ? "" : "events" })}
        >
          <span aria-hidden="true" className="mono">{"</>"}</span>
        </button>
      )}
    </header>
  );
}
