interface Props { message: string; onDismiss?: () => void; dismiss?: string }

/** An error in the server's words, and a button that dismisses it or tries again. */
export function Alert({ message, onDismiss, dismiss = "Dismiss" }: Props) {
  return (
    <div className="alert" role="alert">
      <span>{message}</span>
      {onDismiss && <button type="button" className="quiet" onClick={onDismiss}>{dismiss}</button>}
    </div>
  );
}
