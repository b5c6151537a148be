import type { DataChangeEvent, RealtimeMessage } from "@rowtide/client";
import { atom, type ReadableAtom } from "nanostores";

/** How many entries are kept; the oldest go. */
export const CAPACITY = 2_000;

/** Of a part of a snapshot so many rows are kept to be looked at. */
const ROWS_KEPT = 100;

/** A person sees no more than this many pictures a second of something that changes all the time. */
const FRAME_MILLIS = 100;

/** What is told of a channel. */
export type Content =
  | { kind: "change"; channel: string; event: DataChangeEvent; latencyMillis: number }
  | { kind: "snapshot"; channel: string; count: number; rows: unknown[]; first: boolean; last: boolean }
  | { kind: "broadcast"; channel: string; payload: unknown; userId: string | undefined }
  | { kind: "presence"; channel: string; action: string; userId: string; onlineCount: number }
  | { kind: "trouble"; channel: string; text: string };

export type Entry = Content & { seq: number; at: number };

/** A message of the client as content; undefined for what nobody wants to see. */
export function contentOf(message: RealtimeMessage & { first?: boolean }, nowByServer: () => number): Content | undefined {
  const { channel, payload } = message;
  switch (message.type) {
    case "data_change":
      return { kind: "change", channel, event: payload, latencyMillis: nowByServer() - (payload.committedAt ?? nowByServer()) };
    case "snapshot":
      return { kind: "snapshot", channel, count: payload.rows.length, rows: payload.rows.slice(0, ROWS_KEPT), first: payload.first, last: payload.last };
    case "broadcast":
      return { kind: "broadcast", channel, payload, userId: message.userId };
    case "presence_update":
      return { kind: "presence", channel, action: payload.action, userId: payload.userId, onlineCount: payload.onlineCount };
    case "gap":
      return { kind: "trouble", channel, text: `changes may have been missed (${payload.reason}): read the data anew` };
    case "error":
      return { kind: "trouble", channel, text: payload.message };
    default:
      return undefined;
  }
}

/** The newest of what came, numbered. Who shows it is told at most ten times a second. */
export class Feed {
  readonly #ring: Entry[] = [];
  readonly #version = atom(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #next = 0;
  #oldest = 0;

  /** Changes when there is something new to show. */
  get version(): ReadableAtom<number> {
    return this.#version;
  }

  /** The number of the next entry. */
  get next(): number {
    return this.#next;
  }

  add(content: Content): void {
    const seq = this.#next++;
    this.#ring[seq % CAPACITY] = Object.assign(content, { seq, at: Date.now() });
    this.#oldest = Math.max(this.#oldest, this.#next - CAPACITY);
    this.#timer ??= setTimeout(() => this.#show(), FRAME_MILLIS);
  }

  at(seq: number): Entry | undefined {
    return seq >= this.#oldest && seq < this.#next ? this.#ring[seq % CAPACITY] : undefined;
  }

  /** Those before `end` that are wanted, the newest first. */
  newestFirst(end: number, wanted: (entry: Entry) => boolean): Entry[] {
    const entries: Entry[] = [];
    for (let seq = Math.min(end, this.#next) - 1; seq >= this.#oldest; seq--) {
      const entry = this.#ring[seq % CAPACITY]!;
      if (wanted(entry)) {
        entries.push(entry);
      }
    }
    return entries;
  }

  clear(): void {
    this.#oldest = this.#next;
    this.#ring.length = 0;
    this.#show();
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#version.set(this.#version.get() + 1);
  }
}
