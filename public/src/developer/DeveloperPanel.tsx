import type { AttendanceSocket } from "@neuracampus/attendance-client";
import { go, useAddress } from "../address";
import type { User } from "../attendance/useClassAttendance";
import { Connection } from "./Connection";
import { EmitForm } from "./EmitForm";
import { EventLog } from "./EventLog";
import { Reference } from "./Reference";
import { Snippets } from "./Snippets";
import "./developer.css";

const TABS = [
  { tab: "events", label: "Events" },
  { tab: "emit", label: "Emit" },
  { tab: "reference", label: "Reference" },
  { tab: "code", label: "Code" },
] as const;

/** What goes over the wire, for those who build a client. */
export default function DeveloperPanel({ classId, user, socket }: { classId: string; user: User; socket: AttendanceSocket | null }) {
  const { dev } = useAddress();
  return (
    <aside className="developer" aria-label="Developer panel">
      <header>
        <nav aria-label="Developer views">
          {TABS.map(({ tab, label }) => (
            <button key={tab} type="button" aria-current={tab === dev ? "page" : undefined} onClick={() => go({ dev: tab })}>{label}</button>
          ))}
        </nav>
        <button type="button" className="quiet" aria-label="Close the developer panel" onClick={() => go({ dev: "" })}>✕</button>
      </header>
      {socket && <Connection socket={socket} />}
      {dev === "emit" && socket && <EmitForm socket={socket} classId={classId} user={user} />}
      {dev === "reference" && <Reference />}
      {dev === "code" && <Snippets classId={classId} user={user} />}
      {!["emit", "reference", "code"].includes(dev) && <EventLog />}
    </aside>
  );
}
