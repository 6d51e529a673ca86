import { ofClass, request, type SessionInfo } from "../../api";
import type { User } from "../../attendance/useClassAttendance";

/** The id of a class's latest session of a type in the API. The events do not have it. */
export async function findSession(user: User, classId: string, type: string): Promise<number> {
  const { sessions } = await request<{ sessions: SessionInfo[] }>(user, ofClass(classId, "/sessions"));
  const found = sessions.findLast((each) => each.sessionType === type);
  if (!found) throw new Error("The server no longer has this session. Load the page again.");
  return found.id;
}
