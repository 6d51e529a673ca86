// A bot that marks itself, in plain Node.
import { argv, stdout } from "node:process";
import { createAttendance } from "@neuracampus/attendance-client";

const attendance = createAttendance(argv[2], { userId: "student-2", role: "student" });
await attendance.join("demo");
const { status } = await attendance.mark({ classId: "demo", sessionType: "lecture" });
stdout.write(status);
attendance.close();
