// Marks a student: node bot.mjs http://localhost:5014 demo student-2
import { argv, stdout } from "node:process";
import { createAttendance } from "@neuracampus/attendance-client";

const [server, classId, userId] = argv.slice(2);
const attendance = createAttendance(server, { userId, role: "student" });
await attendance.join(classId);
const { message } = await attendance.mark({ classId, sessionType: "lecture" });
stdout.write(`${message}\n`);
attendance.close();
