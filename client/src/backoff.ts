const LONGEST = 30_000;

/**
 * Milliseconds before the n-th attempt (from 0), with full jitter: anything from nothing to a bound that doubles. Clients that lose a server at the same moment spread
 * over the whole time, which a bound with a bit of jitter does not achieve.
 */
export function backoff(attempt: number, base: number, random: () => number): number {
  return random() * Math.min(LONGEST, base * 2 ** attempt);
}
