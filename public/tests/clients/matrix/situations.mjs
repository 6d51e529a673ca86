// The situations in which a client is the same to the official server and to this one.
//
// A situation is { name, run } and, where it is not as usual,
//   versions  the client versions that have the option (all three)
//   setup     the servers' settings (servers.mjs; "open")
//   alone     true: it stops its server, so nobody else may use it
//   chromium  a version, or a list: it is also played on a page of another origin, with this client
//   node      false: only there
//   cookie    true: the page has a cookie with a token
//   differs   the row of docs/migration.md that says what is different here
// run(my) is given a Script (script.mjs).
import { identity } from "./situations/identity.mjs";
import { messages } from "./situations/messages.mjs";
import { options } from "./situations/options.mjs";
import { reconnection } from "./situations/reconnection.mjs";
import { transports } from "./situations/transports.mjs";

export const allVersions = ["4.x", "3.x", "2.x"];

export const situations = [...reconnection, ...transports, ...options, ...identity, ...messages]; // the slowest first
