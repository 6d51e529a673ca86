import type { User } from "../attendance/useClassAttendance";

type Code = (origin: string, classId: string, user: User) => string;

const quoted = JSON.stringify;

const react: Code = (origin, classId, user) => `import { useEffect, useState } from "react";
import { io } from "socket.io-client"; // 4.x

const socket = io(${quoted(origin)}, { autoConnect: false });

export function MarkButton() {
  const [open, setOpen] = useState(null);      // the session type that is open
  const [message, setMessage] = useState("");

  useEffect(() => {
    const enter = async () => {
      await socket.emitWithAck("identify", { userId: ${quoted(user.id)}, role: ${quoted(user.role)} });
      await socket.emitWithAck("joinClass", { userId: ${quoted(user.id)}, classId: ${quoted(classId)} });
    };
    const started = ({ sessionType }) => setOpen(sessionType);
    const ended = () => setOpen(null);
    socket.on("connect", enter); // after every reconnect, too
    socket.on("attendanceStarted", started);
    socket.on("attendanceEnded", ended);
    socket.connect();
    return () => {
      socket.off("connect", enter);
      socket.off("attendanceStarted", started);
      socket.off("attendanceEnded", ended);
      socket.disconnect();
    };
  }, []);

  const mark = async () => {
    const { message } = await socket.emitWithAck("attendanceMarked", {
      classId: ${quoted(classId)}, studentId: ${quoted(user.id)}, studentName: ${quoted(user.name || user.id)},
      status: "present", sessionType: open,
    });
    setMessage(message);
  };

  if (!open) return <p>Waiting for the teacher</p>;
  return <><button onClick={mark}>I am here</button><p>{message}</p></>;
}
`;

const plain: Code = (origin, classId, user) => `import { io } from "socket.io-client"; // 4.x or 3.x

const socket = io(${quoted(origin)});

socket.on("connect", () => {
  socket.emit("identify", { userId: ${quoted(user.id)}, role: ${quoted(user.role)} });
  socket.emit("joinClass", { userId: ${quoted(user.id)}, classId: ${quoted(classId)} });
});

socket.on("attendanceStarted", ({ sessionType }) => {
  socket.emit("attendanceMarked", {
    classId: ${quoted(classId)}, studentId: ${quoted(user.id)}, studentName: ${quoted(user.name || user.id)},
    status: "present", sessionType,
  }, (reply) => console.log(reply.success, reply.message));
});

socket.on("attendanceUpdate", (mark) => console.log(mark.studentName, mark.status));
socket.on("attendance:error", ({ message }) => console.warn(message));
socket.on("class:error", ({ message }) => console.warn(message));
`;

const two: Code = (origin, classId, user) => `const io = require("socket.io-client"); // 2.x

const socket = io(${quoted(origin)});

socket.on("connect", function () {
  socket.emit("identify", { userId: ${quoted(user.id)}, role: ${quoted(user.role)} });
  socket.emit("joinClass", { userId: ${quoted(user.id)}, classId: ${quoted(classId)} });
});

socket.on("attendanceStarted", function (session) {
  console.log(session.sessionType, "is open");
});

socket.on("attendanceUpdate", function (mark) {
  console.log(mark.studentName, mark.status);
});

socket.on("attendance:error", function (error) {
  console.warn(error.message);
});
`;

export const SNIPPETS: readonly { label: string; code: Code }[] = [
  { label: "React, socket.io-client 4.x", code: react },
  { label: "Plain JavaScript, 4.x and 3.x", code: plain },
  { label: "socket.io-client 2.x", code: two },
];
