interface Props { message: string; onDismiss?: () => void; dismiss?: string }

/** What went wrong, in the server's words, and what can be done about it. */
export function Alert({ message, onDismiss, dismiss = "Dismiss" }: Props) {
  return (
    <div className="alert" role="alert">
      <span>{message}</span>
      {onDismiss && <button type="button" className="quiet" onClick={onDismiss}>{dismiss}</button>}
    </div>
  );
}
