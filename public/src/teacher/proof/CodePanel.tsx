import { lazy, Suspense, useRef } from "react";
import { formatAddress } from "../../address";
import { fragmentOf } from "../../attendance/code";
import type { AttendanceOf } from "../../attendance/useClassAttendance";
import { QrCode } from "../../shared/QrCode";
import { useCode } from "./useCode";
import "./proof.css";

const CodePlayer = lazy(() => import("../../sound/code/CodePlayer"));

interface Props { classId: string; sessionType: string; attendance: AttendanceOf }

/** The code that students enter, for the projector: in large letters, as a QR code and as sound. */
export default function CodePanel({ classId, sessionType, attendance }: Props) {
  const screen = useRef<HTMLDivElement>(null);
  const { code, left, problem } = useCode(attendance, sessionType);
  const url = location.origin + formatAddress({ role: "student", class: classId }) + fragmentOf(code);

  return (
    <section className="card code-panel" aria-label="Code">
      <div ref={screen} className="code-screen">
        {code ? (
          <>
            <p className="code mono" aria-label={`Code ${Array.from(code).join(" ")}`}>{code.slice(0, 3)}<span className="code-gap" />{code.slice(3)}</p>
            <QrCode url={url} label="QR code with this code" />
            <progress className="code-left" value={left} max={1} aria-label="Time left for this code" />
          </>
        ) : (
          <p className="code-missing" role="status">
            No code can be shown at the moment. {problem || "Waiting for the server."} Students have to wait for the next one.
          </p>
        )}
      </div>
      <div className="actions">
        <button type="button" onClick={() => void screen.current?.requestFullscreen()}>Full screen</button>
        <Suspense fallback={<p className="tones" />}><CodePlayer code={code} /></Suspense>
      </div>
    </section>
  );
}
