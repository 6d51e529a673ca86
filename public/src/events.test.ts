import type { ClientToServerEvents, ServerToClientEvents } from "@neuracampus/attendance-client";
import { expect, expectTypeOf, test } from "vitest";
import protocol from "./protocol.json";

type Keys<Events> = { [E in keyof Events]: Events[E] extends (data: infer Data, ...rest: never[]) => void ? keyof Data : never };
type ExampleKeys<Table extends Record<string, { example: object }>> = { [E in keyof Table]: keyof Table[E]["example"] };

// These two fail in `npm run lint`, where tsc reads them: an event or a key that only one side knows.
test("protocol.json and the TypeScript maps name the same events and keys", () => {
  expectTypeOf<Keys<ClientToServerEvents>>().toEqualTypeOf<ExampleKeys<typeof protocol.client>>();
  expectTypeOf<Keys<ServerToClientEvents>>().toEqualTypeOf<ExampleKeys<typeof protocol.server>>();
});

test("every answer that a client event names is a server event", () => {
  const known = Object.keys(protocol.server);
  for (const event of Object.values(protocol.client)) {
    expect(known).toEqual(expect.arrayContaining([...event.answers, event.refusedWith]));
  }
});

test("an optional key is a key of the example", () => {
  for (const event of [...Object.values(protocol.client), ...Object.values(protocol.server)]) {
    expect(Object.keys(event.example)).toEqual(expect.arrayContaining([...event.optional]));
  }
});
