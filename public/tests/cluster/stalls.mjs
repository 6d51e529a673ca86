// When the checker itself did not run. On an overloaded machine its process waits for a processor, and what arrives meanwhile seems late.

/** How often the watch looks, and by how much a look must be late to count, in milliseconds. */
const INTERVAL = 50;
const TOLERATED = 50;

export class StallWatch {
  /** The stalls: a list of { from, to } in milliseconds. */
  stalls = [];
  #last = Date.now();
  #timer = setInterval(() => this.#look(), INTERVAL);

  #look() {
    const now = Date.now();
    if (now - this.#last > INTERVAL + TOLERATED) this.stalls.push({ from: this.#last, to: now });
    this.#last = now;
  }

  stop() {
    clearInterval(this.#timer);
  }
}
