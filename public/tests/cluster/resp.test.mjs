// Single messages of Redis get lost, and nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { endOfValue, messageFilter } from "./resp.mjs";

const message = (text) => `>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$${text.length}\r\n${text}\r\n`;

/** One value of every kind. */
const values = [
  "+OK\r\n", "-ERR no\r\n", ":-5\r\n", "$2\r\n\r\n\r\n", "$-1\r\n", "*-1\r\n", "$0\r\n\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(123\r\n", "!3\r\nbad\r\n", "=7\r\ntxt:abc\r\n",
  "*2\r\n:1\r\n$1\r\na\r\n", "~1\r\n+a\r\n", "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n_\r\n", ">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", "*0\r\n",
];

for (const value of values) {
  test(`${JSON.stringify(value)} is one value, and none while a part is missing`, () => {
    const data = Buffer.from(value);
    assert.equal(endOfValue(data), data.length);
    for (let length = 0; length < data.length; length++) assert.equal(endOfValue(data.subarray(0, length)), -1);
  });
}

test("every second message is lost, wherever the pieces end", () => {
  const sent = Buffer.from(values.join(message("a")));
  const kept = values.reduce((text, value, i) => (i === 0 ? value : text + (i % 2 ? "" : message("a")) + value), "");
  for (let size = 1; size <= sent.length; size++) {
    let count = 0;
    const filter = messageFilter(() => ++count % 2 === 1);
    let passed = "";
    for (let from = 0; from < sent.length; from += size) passed += filter(sent.subarray(from, from + size)).toString();
    assert.equal(passed, kept);
  }
});
