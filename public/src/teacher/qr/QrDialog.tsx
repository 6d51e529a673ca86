import { useEffect, useRef } from "react";
import { formatAddress } from "../../address";
import { QrCode } from "../../shared/QrCode";

const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** A QR code of the student's page. */
export default function QrDialog({ classId, onClose }: { classId: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const url = location.origin + formatAddress({ role: "student", class: classId });

  return (
    <dialog ref={dialog} className="qr" aria-label="QR code of the student view" onClose={onClose}>
      <QrCode url={url} label="QR code" />
      <p>Point a phone’s camera at the code to open <strong>{classId}</strong> as a student.</p>
      <p className="mono"><a href={url} target="_blank" rel="noreferrer">{url}</a></p>
      {LOCAL.has(location.hostname) && (
        <p className="muted small">
          This address works on this machine only. Start the server with <code>HOST=0.0.0.0 OPEN_MODE=true</code> and open this page by the
          machine’s own address to let phones in.
        </p>
      )}
      <div className="actions"><button type="button" onClick={() => dialog.current?.close()}>Close</button></div>
    </dialog>
  );
}
