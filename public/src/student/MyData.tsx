import { downloadStudent } from "../api";
import type { User } from "../attendance/useClassAttendance";
import { Alert } from "../shared/Alert";
import { useAction } from "../shared/useAction";

/** Gives students a file with everything that is stored about them. */
export function MyData({ user }: { user: User }) {
  const { busy, error, run } = useAction();
  return (
    <section className="card stack" aria-labelledby="my-data">
      <header>
        <h2 id="my-data">Your data</h2>
        <p className="muted">Everything that is stored about you, in all your classes, as a file in JSON.</p>
      </header>
      {error && <Alert message={error.message} />}
      <div className="actions">
        <button type="button" disabled={busy} onClick={() => void run(() => downloadStudent(user, user.id))}>Download my data</button>
      </div>
    </section>
  );
}
