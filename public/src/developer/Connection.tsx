import type { AttendanceSocket } from "@neuracampus/attendance-client";
import { useEffect, useState } from "react";
import { protocol } from "socket.io-client";
import { useRecord } from "./useRecord";

interface Details { transport: string; id: string; heartbeat: string }

function read(socket: AttendanceSocket, heartbeat: string): Details {
  const { engine } = socket.io as { engine?: { transport: { name: string } } };
  return { transport: socket.connected ? (engine?.transport.name ?? "–") : "none", id: socket.id ?? "–", heartbeat };
}

/** How the connection is made, and how quick it is. */
export function Connection({ socket }: { socket: AttendanceSocket }) {
  const [details, setDetails] = useState(() => read(socket, "–"));
  const ack = useRecord().findLast((entry) => entry.direction === "ack");

  useEffect(() => {
    const refresh = () => setDetails((known) => read(socket, known.heartbeat));
    const onPing = () => setDetails(read(socket, new Date().toLocaleTimeString("en-GB")));
    const onConnect = () => {
      refresh();
      socket.io.engine.on("upgrade", refresh);
    };
    if (socket.connected) onConnect();
    socket.on("connect", onConnect);
    socket.on("disconnect", refresh);
    socket.io.on("ping", onPing);
    return () => {
      socket.off("connect", onConnect);
      socket.off("disconnect", refresh);
      socket.io.off("ping", onPing);
      (socket.io as { engine?: typeof socket.io.engine }).engine?.off("upgrade", refresh);
    };
  }, [socket]);

  return (
    <dl className="connection">
      <div><dt>Transport</dt><dd>{details.transport}</dd></div>
      <div><dt>Protocol</dt><dd>Socket.IO {protocol}, Engine.IO 4</dd></div>
      <div><dt>Round trip</dt><dd>{ack?.milliseconds === undefined ? "–" : `${ack.milliseconds.toFixed(0)} ms`}</dd></div>
      <div><dt>Last heartbeat</dt><dd>{details.heartbeat}</dd></div>
      <div><dt>Socket id</dt><dd className="mono">{details.id}</dd></div>
    </dl>
  );
}
