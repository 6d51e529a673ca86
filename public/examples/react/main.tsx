import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { useAttendance } from "@neuracampus/attendance-client/react";

const parameters = new URLSearchParams(location.search);
const server = parameters.get("server") ?? "http://localhost:5014";
const userId = parameters.get("user") ?? "student-1";

function Lesson({ classId }: { classId: string }) {
  const { status, sessions, mark } = useAttendance(server, { userId, role: "student", classId });
  const lecture = sessions.lecture;
  if (lecture?.phase !== "active") return <p>{status === "live" ? "No lecture is open" : status}</p>;
  return (
    <>
      <button onClick={() => void mark({ sessionType: "lecture" })}>I am here</button>
      <ul>
        {[...lecture.records.values()].map((record) => (
          <li key={record.studentId}>{record.studentName || record.studentId}: {record.status}</li>
        ))}
      </ul>
    </>
  );
}

const root = document.getElementById("app");
if (root) createRoot(root).render(<StrictMode><Lesson classId="demo" /></StrictMode>);
