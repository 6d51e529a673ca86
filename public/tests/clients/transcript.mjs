// Prints what a 4.x and a 2.x client of one class send and get: `make transcript`.
import { playLesson } from "./lesson.mjs";
import { Server } from "./server.mjs";

const server = await Server.start();
try {
  const kinds = { teacher: { version: "4.x", transport: "websocket" }, student: { version: "2.x", transport: "polling" } };
  await playLesson(server, kinds, ({ client, direction, event, data }) => {
    const what = direction === "callback" ? "   callback" : `${direction} ${event}`;
    console.log(`${client.name.padEnd(21)} ${what}`, JSON.stringify(data));
  });
} finally {
  await server.remove();
}
