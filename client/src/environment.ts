/** What the client takes from its surroundings; tests bring their own. */
export interface Environment {
  /** Milliseconds. */
  now(): number;
  /** Runs it later; returns what calls that off. */
  after(millis: number, run: () => void): () => void;
  /** From 0 to 1. */
  random(): number;
  /** Calls back when the page is looked at again, or the network is back. Returns what ends that. */
  onWake(wake: () => void): () => void;
}

export const platform: Environment = {
  now: () => Date.now(),
  after(millis, run) {
    const timer = setTimeout(run, millis);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  onWake(wake) {
    const ending = new AbortController();
    const listener = () => globalThis.document?.hidden || wake();
    // visibilitychange bubbles from the document to the window. There is neither in Node.
    for (const type of ["visibilitychange", "online"]) {
      globalThis.addEventListener?.(type, listener, { signal: ending.signal });
    }
    return () => ending.abort();
  },
};
