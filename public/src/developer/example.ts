import type { ClientEvent } from "@neuracampus/attendance-client";
import type { User } from "../attendance/useClassAttendance";
import protocol from "../protocol.json";

/** An event's example with this page's class, person and day in it, so that it can be sent as it is. */
export function example(event: ClientEvent, classId: string, user: User): Record<string, unknown> {
  const here: Record<string, unknown> = {
    classId,
    userId: user.id,
    role: user.role,
    date: new Date().toISOString().slice(0, 10),
    ...(user.role === "teacher" ? { teacherId: user.id } : { studentId: user.id, studentName: user.name || user.id }),
  };
  const given: Record<string, unknown> = protocol.client[event].example;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, here[key] ?? value]));
}
