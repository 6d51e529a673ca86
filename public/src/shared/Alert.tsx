/** What went wrong, in the server's words, until it is dismissed. */
export function Alert({ message, onDismiss }: { message: string; onDismiss?: () => void }) {
  return (
    <div className="alert" role="alert">
      <span>{message}</span>
      {onDismiss && <button type="button" className="quiet" onClick={onDismiss}>Dismiss</button>}
    </div>
  );
}
