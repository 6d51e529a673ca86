/** A refusal by the server: its sentence for people, and its word for programs, which never changes. */
export interface Refusal {
  message: string;
  reason: string;
}

/** The server said no. */
export class RefusedError extends Error implements Refusal {
  constructor(message: string, readonly reason: string) {
    super(message);
  }
}

/** No decision came: the connection broke, or the server cannot do it now. To send the same again does no harm. */
export class UnansweredError extends Error {}

/** The reasons with which the server refuses what it may do a moment later. */
const TEMPORARY = ["database_unavailable", "outcome_unknown", "too_slow", "shutting_down", "answers_busy", "rate_limited"];

/** The error that a refused acknowledgement stands for. */
export function errorOf({ message, reason = "" }: { message: string; reason?: string }): RefusedError | UnansweredError {
  return TEMPORARY.includes(reason) ? new UnansweredError(message) : new RefusedError(message, reason);
}

export const refusalOf = (error: unknown): Refusal => ({
  message: (error as Error).message,
  reason: (error as Partial<RefusedError>).reason ?? "",
});
