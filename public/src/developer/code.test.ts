import { expect, test } from "vitest";
import { asCode } from "./code";
import { example } from "./example";

test("a sent event becomes code that sends it", () => {
  expect(asCode({ direction: "out", event: "identify", payload: { userId: "a\"b" } })).toBe('socket.emit("identify", {\n  "userId": "a\\"b"\n});');
});

test("a received event becomes a comment on every line", () => {
  for (const direction of ["in", "ack"] as const) {
    const code = asCode({ direction, event: "attendanceUpdate", payload: { a: 1, b: { c: 2 } } });
    for (const line of code.split("\n")) {
      if (/"[abc]"/.test(line)) expect(line.trim()).toMatch(/^\/\//);
    }
  }
});

test("an example has the class and user of the page", () => {
  const teacher = { id: "t", name: "", role: "teacher" } as const;
  expect(example("endAttendance", "math", teacher)).toEqual({ classId: "math", teacherId: "t", sessionType: "lecture" });
  expect(example("attendanceMarked", "math", { ...teacher, role: "student", name: "Ann" })).toMatchObject({ classId: "math", studentId: "t", studentName: "Ann" });
});
