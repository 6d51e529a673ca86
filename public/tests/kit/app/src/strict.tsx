import { StrictMode } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { useAttendance, type ClassAttendance } from "@neuracampus/attendance-client/react";

const server = new URLSearchParams(location.search).get("server") ?? "";
const EVENTS = [
  "connect", "disconnect", "connect_error", "attendanceStarted", "attendanceEnded", "attendanceUpdate", "attendance:flag", "userJoined", "userLeft", "class:error",
];
const MOUNTS = 1000;
const TOGETHER = 10;

let shown: ClassAttendance | undefined;

function Roster({ onShown }: { onShown: (attendance: ClassAttendance) => void }) {
  const attendance = useAttendance(server, { userId: "student-1", role: "student", classId: "demo", transports: ["websocket"] });
  onShown(attendance);
  return <p>{attendance.status}</p>;
}

/** Mounts components 1000 times, some at a time, each time others; in StrictMode each is mounted twice. */
async function mountMany(root: HTMLElement) {
  const page = createRoot(root);
  for (let mounted = 0; mounted < MOUNTS; mounted += TOGETHER) {
    const components = Array.from({ length: TOGETHER }, (_, i) => <Roster key={mounted + i} onShown={(attendance) => (shown = attendance)} />);
    flushSync(() => page.render(<StrictMode>{components}</StrictMode>));
    await new Promise((resolve) => setTimeout(resolve));
  }
  return page;
}

const root = document.getElementById("root");
if (root) {
  const page = await mountMany(root);
  Object.assign(window, {
    listeners: () => Object.fromEntries(EVENTS.map((event) => [event, shown?.socket?.listeners(event as "userJoined").length])),
    connected: () => shown?.socket?.connected,
    unmount: () => page.unmount(),
  });
  document.title = "Mounted";
}
