import type { Entry } from "./record";

/** An event as JavaScript that sends it again or waits for it. */
export function asCode({ direction, event, payload }: Pick<Entry, "direction" | "event" | "payload">): string {
  const name = JSON.stringify(event);
  const data = JSON.stringify(payload, null, 2);
  switch (direction) {
    case "out":
      return `socket.emit(${name}, ${data});`;
    case "ack":
      return `const reply = await socket.emitWithAck(${name}, data);\n// reply: ${data.replaceAll("\n", "\n// ")}`;
    case "in":
      return `socket.on(${name}, (data) => {\n  // data: ${data.replaceAll("\n", "\n  // ")}\n});`;
  }
}
