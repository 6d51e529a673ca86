import type { Status } from "@neuracampus/attendance-client";

/** Each status has its own shape, so that it is recognised without colour. */
const SHAPES: Record<Status, React.ReactNode> = {
  present: (
    <>
      <circle className="fill" cx="12" cy="12" r="10" />
      <path className="ink" d="m7.500 12.500 3 3 6-6.500" />
    </>
  ),
  late: (
    <>
      <path className="fill" d="M12 1.500 22.500 12 12 22.500 1.500 12Z" />
      <path className="ink" d="M12 7.500V12l2.800 2" />
    </>
  ),
  absent: (
    <>
      <circle className="line" cx="12" cy="12" r="9" />
      <path className="line" d="M8 12h8" />
    </>
  ),
  excused: (
    <>
      <rect className="fill" x="3" y="3" width="18" height="18" rx="4" />
      <path className="ink" d="M8 9.500h8M8 14.500h5" />
    </>
  ),
};

export function StatusIcon({ status }: { status: Status | "unknown" }) {
  return (
    <svg className="status-icon" data-status={status} viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      {status === "unknown" ? <circle className="line dashed" cx="12" cy="12" r="9" /> : SHAPES[status]}
    </svg>
  );
}
