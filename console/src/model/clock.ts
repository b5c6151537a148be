/** How far the server's clock is from this browser's, from questions and answers: the quickest of the last ones knows best. */
export class ServerClock {
  readonly #samples: { offset: number; roundTrip: number }[] = [];

  /** Milliseconds since 1970, finer than `Date.now` gives. */
  static local(): number {
    return performance.timeOrigin + performance.now();
  }

  /** An answer that said `timestamp`, between two moments of the local clock. */
  answered(asked: number, answered: number, timestamp: number): void {
    this.#samples.push({ offset: timestamp - (asked + answered) / 2, roundTrip: answered - asked });
    if (this.#samples.length > 30) {
      this.#samples.shift();
    }
  }

  now(): number {
    let best = this.#samples[0];
    for (const sample of this.#samples) {
      if (sample.roundTrip < best!.roundTrip) {
        best = sample;
      }
    }
    return ServerClock.local() + (best?.offset ?? 0);
  }
}
