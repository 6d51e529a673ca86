import { go, useAddress } from "../address";
import type { Link } from "../attendance/state";
import type { User } from "../attendance/useAttendance";
import { LinkState } from "./LinkState";
import { Logo } from "./Logo";

interface Props { classId: string; className: string; user: User; link: Link }

export function TopBar({ classId, className, user, link }: Props) {
  const { dev } = useAddress();
  return (
    <header className="top-bar">
      <a className="skip" href="#main">Skip to the content</a>
      <Logo />
      <h1 className="class-name">
        {className || classId}
        {className && className !== classId && <> <span className="class-id muted small mono">{classId}</span></>}
      </h1>
      <LinkState link={link} />
      <span className="who">
        <strong>{user.name || user.id}</strong>
        <span className="muted">{user.role}</span>
      </span>
      <button type="button" className="quiet" onClick={() => go({ role: "", user: "", name: "", view: "", session: "" })}>
        Change
      </button>
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
    </header>
  );
}
