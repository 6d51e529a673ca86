import { memo } from "react";
import type { MarkRecord, Status } from "@neuracampus/attendance-client";
import { StatusIcon } from "../../shared/StatusIcon";
import { STATUS_WORDS } from "../../shared/words";
import { FlagIcon } from "../flags/FlagList";
import type { Person } from "./usePeople";

interface Props {
  person: Person;
  record: MarkRecord | undefined;
  connected: boolean;
  flagged: boolean;
  onMark: ((person: Person, before: Status) => Promise<void>) | undefined;
}

/** One student. Memoized: of 500, only those that have changed are drawn again. */
export const Tile = memo(function Tile({ person, record, connected, flagged, onMark }: Props) {
  const status = record?.status;
  const inside = (
    <>
      <StatusIcon status={status ?? "unknown"} />
      <span className="tile-name">
        {person.name}
        {flagged && <><FlagIcon /><span className="hidden">flagged</span></>}
      </span>
      <span className="tile-state">
        {status ? STATUS_WORDS[status] : "No mark"}
        <span className="connected" data-connected={connected}>{connected ? "online" : "offline"}</span>
      </span>
    </>
  );
  return (
    <li className="tile" data-status={status ?? "unknown"}>
      {onMark && status ? (
        <button type="button" onClick={() => void onMark(person, status)}>{inside}</button>
      ) : (
        <div>{inside}</div>
      )}
    </li>
  );
});
