import { atom } from "nanostores";
import { ServerClock } from "./clock.js";
import { Latency } from "./latency.js";
import { readStats, type Stats, TokenNeeded } from "./server.js";

const INTERVAL_MILLIS = 1_000;
/** Five minutes. */
const SAMPLES = 300;

/** What the charts show, column by column: seconds since 1970, then the values, null where none is known. */
export interface Series {
  time: number[];
  changes: (number | null)[];
  deliveries: (number | null)[];
  median: (number | null)[];
  slow: (number | null)[];
}

const NOTHING: Series = { time: [], changes: [], deliveries: [], median: [], slow: [] };

/** Asks the server once a second how it is going, as long as somebody looks at the page. */
export class Monitor {
  readonly stats = atom<Stats | undefined>();
  readonly series = atom<Series>(NOTHING);
  /** Why there is no answer; undefined if there is. */
  readonly trouble = atom<string | undefined>();
  readonly clock = new ServerClock();
  readonly latency = new Latency();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #stopped = false;

  /** @param refused called once if the token is no longer taken */
  constructor(
    readonly token: string | undefined,
    readonly refused: (sentence: string) => void,
  ) {
    document.addEventListener("visibilitychange", this.#seen);
    void this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#seen);
  }

  readonly #seen = () => {
    if (!document.hidden && !this.#asking) {
      clearTimeout(this.#timer);
      void this.#ask();
    }
  };

  async #ask(): Promise<void> {
    const asked = ServerClock.local();
    this.#asking = true;
    try {
      const stats = await readStats(this.token);
      if (this.#stopped) {
        return;
      }
      this.clock.answered(asked, ServerClock.local(), stats.timestamp);
      this.#sample(stats);
      this.trouble.set(undefined);
    } catch (error) {
      if (this.#stopped) {
        return;
      }
      if (error instanceof TokenNeeded) {
        this.refused(error.message);
        return;
      }
      this.trouble.set((error as Error).message);
      this.#sample(undefined);
    }
    this.#asking = false;
    if (!document.hidden) {
      this.#timer = setTimeout(() => void this.#ask(), INTERVAL_MILLIS);
    }
  }

  #sample(stats: Stats | undefined): void {
    const before = this.stats.get();
    const { median, slow } = this.latency.take();
    const seconds = stats && before ? (stats.timestamp - before.timestamp) / 1000 : 0;
    const rate = (count: (stats: Stats) => number) => {
      const more = seconds > 0 ? (count(stats!) - count(before!)) / seconds : -1;
      return more < 0 ? null : more; // A server that was started anew counts from 0.
    };
    const { time, ...values } = this.series.get();
    const keep = <T>(list: T[], value: T) => [...list.slice(list.length >= SAMPLES ? 1 : 0), value];
    this.series.set({
      time: keep(time, Date.now() / 1000),
      changes: keep(values.changes, rate(({ counters }) => counters.changes)),
      deliveries: keep(values.deliveries, rate(({ counters }) => counters.messagesOut)),
      median: keep(values.median, median),
      slow: keep(values.slow, slow),
    });
    if (stats) {
      this.stats.set(stats);
    }
  }
}
