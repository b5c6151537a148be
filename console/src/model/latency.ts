/** At most so many measurements count between two readings; of more, each newer one takes a random one's place. */
const KEPT = 1_000;

/** From commit to this browser, in milliseconds. */
export class Latency {
  #values: number[] = [];
  #seen = 0;

  add(millis: number): void {
    // The clocks are known to a millisecond or so, and nothing arrives before it is written.
    const value = Math.max(0, millis);
    this.#seen++;
    if (this.#values.length < KEPT) {
      this.#values.push(value);
    } else {
      const at = Math.floor(Math.random() * this.#seen);
      if (at < KEPT) {
        this.#values[at] = value;
      }
    }
  }

  /** The median and the value that nine in ten do not exceed, since the last time; null if nothing came. */
  take(): { median: number | null; slow: number | null } {
    const sorted = this.#values.sort((a, b) => a - b);
    this.#values = [];
    this.#seen = 0;
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
    return { median: at(0.5), slow: at(0.9) };
  }
}
