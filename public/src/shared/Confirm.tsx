import { useEffect, useId, useRef } from "react";

interface Props {
  open: boolean;
  title: string;
  action: string;
  onClose: () => void;
  onConfirm: () => void;
  children: React.ReactNode;
}

/** Asks before an action that others notice or that cannot be undone. */
export function Confirm({ open, title, action, onClose, onConfirm, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);

  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      <p>{children}</p>
      <div className="actions">
        <button type="button" onClick={onClose}>Cancel</button>
        <button
          type="button"
          className="primary"
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}
