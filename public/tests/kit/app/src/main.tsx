import { createRoot } from "react-dom/client";
import { useAttendance } from "@neuracampus/attendance-client/react";

const server = new URLSearchParams(location.search).get("server") ?? "http://localhost:5014";

function App() {
  const { status, sessions, mark } = useAttendance(server, { userId: "student-1", role: "student", classId: "demo" });
  const lecture = sessions.lecture;
  if (lecture?.phase !== "active") return <p>{status === "live" ? "Waiting for the teacher" : status}</p>;
  return (
    <>
      <button onClick={() => void mark({ sessionType: "lecture" })}>I am here</button>
      <ul>{[...lecture.records.values()].map((record) => <li key={record.studentId}>{record.studentName}: {record.status}</li>)}</ul>
    </>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
