// Nothing runs this: the compiler checks it against the declarations in the package.
import { createAttendance, RefusedError, type Snapshot } from "@neuracampus/attendance-client";
import type { operations } from "@neuracampus/attendance-client/rest";
import { createFakeAttendance, FakeCampus } from "@neuracampus/attendance-client/testing";

const attendance = createAttendance("", { userId: 1, role: "teacher", transports: ["polling"], auth: (refused) => Promise.resolve(refused ? "fresh" : "kept") });
export const snapshot: Snapshot = attendance.getSnapshot();
export const marks: number = snapshot.classes.demo?.sessions.lecture?.records.size ?? 0;
export const started = attendance.start({ classId: "demo", sessionType: "lecture", proof: "code" }).catch((error: unknown) => error instanceof RefusedError && error.reason);
export const fake = createFakeAttendance({ campus: new FakeCampus(), userId: "s", role: "student" });
export type Classes = operations["listClasses"]["responses"][200]["content"]["application/json"];

// @ts-expect-error there is no such status
void attendance.mark({ classId: "demo", sessionType: "lecture", studentId: "s", status: "asleep" });
// @ts-expect-error the session type is missing
void attendance.start({ classId: "demo" });
// @ts-expect-error auth returns a token, not the handshake's object
createAttendance("", { userId: "s", role: "student", auth: { token: "" } });
