// As much of Redis's protocol (RESP, https://redis.io/docs/latest/develop/reference/protocol-spec/) as it takes to lose single messages.

const texts = ["$", "=", "!"];
const membersPer = { "*": 1, "~": 1, ">": 1, "%": 2, "|": 2 };

/** Where the value ends that begins at start, or -1 if not all of it is there. */
export function endOfValue(data, start = 0) {
  const line = data.indexOf("\r\n", start);
  if (line < 0) return -1;
  const type = String.fromCharCode(data[start]);
  const length = Number(data.toString("latin1", start + 1, line));
  let end = line + 2;
  if (texts.includes(type) && length >= 0) {
    end += length + 2;
    return end <= data.length ? end : -1;
  }
  for (let member = 0; member < length * (membersPer[type] ?? 0); member++) {
    end = endOfValue(data, end);
    if (end < 0) return -1;
  }
  return end;
}

const isMessage = (value) => /^[>*]\d+\r\n\$\d+\r\n[ps]?message\r\n/.test(value.toString("latin1", 0, 32));

/** Returns a function that takes what Redis sends, piece by piece, and returns what is left of it: without the messages that lose() says. */
export function messageFilter(lose) {
  let rest = Buffer.alloc(0);
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    const kept = [];
    for (let end = endOfValue(rest); end > 0; end = endOfValue(rest)) {
      const value = rest.subarray(0, end);
      if (!isMessage(value) || !lose()) kept.push(value);
      rest = rest.subarray(end);
    }
    return Buffer.concat(kept);
  };
}
