import type { Session } from "@neuracampus/attendance-client";
import { timeOfDay } from "../shared/words";

/** What the student should know before pressing: as whom they are marked, from when they are late, when it ends. */
export function SessionRules({ session, name }: { session: Session; name: string }) {
  const { lateAt, endsAt } = session;
  return (
    <p className="session-rules">
      You are marked as <strong>{name}</strong>.
      {lateAt && ` Late from ${timeOfDay(lateAt)}.`}
      {endsAt && ` Ends ${timeOfDay(endsAt)}.`}
    </p>
  );
}
