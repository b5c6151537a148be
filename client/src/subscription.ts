import { type Deferred, deferred } from "./deferred.js";
import type { Environment } from "./environment.js";
import { RealtimeError, toError } from "./errors.js";
import type { Message, ServerMessage } from "./messages.js";
import type { OnlineList, Presence } from "./presence.js";
import type { PresenceMode, Watch, WatchOptions } from "./types.js";

/** What a watcher is told; of an `error` that ended the subscription also as an Error. It returns false for what it does not handle. */
export type Listener = (message: any, error?: RealtimeError) => unknown;

interface Watcher {
  listener: Listener;
  /** For the answer, if the client was connecting or connected when it came. */
  answer: Deferred | undefined;
}

export interface SubscriptionEvents {
  /** Returns the id that the message has; 0 if there is no connection. */
  send(message: object): number;
  report(error: RealtimeError): void;
  /** Nobody watches it any more, or the server has ended it. */
  ended(): void;
}

export type Subscription = ReturnType<typeof createSubscription>;

/** The more, the more is seen. */
const SEEN = { none: 0, diff: 1, full: 2 };
/** Errors that pass, and milliseconds until then where the server does not say. */
const PASSING = ["unavailable", "rate_limited", "internal"];
const RETRY_AFTER = 2_000;

/** One channel of one connection: who watches it, how far it is, and how it goes on after a break. */
export function createSubscription(channel: string, presence: Presence, environment: Environment, { send, report, ended }: SubscriptionEvents) {
  presence.hold(channel, 1);
  const watchers = new Set<Watcher>();
  /** What the rows depend on, as text; undefined as long as nobody wants rows. Those who share a subscription want the same. */
  let view: string | undefined;
  /** As they go into a subscribe; JSON leaves the callbacks out. */
  let options: WatchOptions = {};
  let presenceMode: PresenceMode = "none";
  let metadata: object | undefined;
  /** The `id` of the last subscribe. What answers an earlier one is of the past. */
  let lastId = 0;
  /**
   * Asked: an answer is to come, and no row counts until then. Taking: rows of a snapshot come, and a break begins them anew. Live: every change up to `position` was
   * delivered.
   */
  let phase: "asked" | "taking" | "live" = "asked";
  let position: string | undefined;
  /** No row of the snapshot that is being taken has come yet. */
  let first = true;
  /** It was answered once, so that there is something to miss. */
  let begun = false;
  /** Row changes do not come here, and a position is no good. Without a ":" it is nobody's rows; whether a channel with it is, only the server knows. */
  let custom = !channel.includes(":");
  let cancelRetry: (() => void) | undefined;

  /** Undefined if what is here already cannot be shared: one connection has one view of a channel. */
  function watch(listener: Listener, wanted: WatchOptions, wait: boolean): Watch | undefined {
    const { since, metadata: shown, presence: mode = "full", rows = true, ...query } = wanted;
    const wantedView = rows ? JSON.stringify(query) : undefined;
    if (view && wantedView && (view !== wantedView || since)) {
      return;
    }
    const watcher: Watcher = { listener, answer: wait ? deferred() : undefined };
    watchers.add(watcher);
    let changed = !lastId || !!shown;
    metadata = shown ?? metadata;
    if (SEEN[mode] > SEEN[presenceMode]) {
      presenceMode = mode;
      changed = true;
    }
    if (wantedView && (!view || query.snapshot)) {
      // From here on it is another stream: from now, from `since`, or from the rows of a new snapshot.
      begun &&= !!view;
      custom &&= !since;
      view = wantedView;
      options = query;
      position = since;
      phase = "asked";
      changed = true;
    }
    if (changed) {
      ask();
    } else if (phase !== "asked") {
      settle(watcher);
    }
    return {
      ready: watcher.answer?.promise ?? Promise.resolve(),
      stop() {
        settle(watcher);
        if (watchers.delete(watcher) && !watchers.size) {
          forget();
          send({ type: "unsubscribe", channel });
        }
      },
    };
  }

  function forget(): void {
    cancelRetry?.();
    watchers.clear();
    presence.hold(channel, -1);
    ended();
  }

  /** Sends a subscribe. While it is live that only changes how the user takes part: the stream goes on. */
  function ask(): void {
    const live = phase === "live";
    if (!live) {
      phase = "asked";
    }
    cancelRetry?.();
    lastId = send({
      type: "subscribe",
      channel,
      payload: {
        ...options,
        // Where only presence is wanted, hardly any changes come.
        operations: view ? options.operations : ["truncate"],
        snapshot: live ? undefined : options.snapshot,
        since: live || custom || !view ? undefined : position,
        presence: presenceMode,
        metadata,
      },
    });
  }

  /** True if it waited. */
  function settle(watcher: Watcher, error?: RealtimeError): boolean {
    const { answer } = watcher;
    watcher.answer = undefined;
    answer?.settle(error);
    return !!answer;
  }

  /** Whoever waits for the answer gets the error, and has no subscription. True if somebody did. */
  function reject(error: RealtimeError): boolean {
    return [...watchers].filter((watcher) => settle(watcher, error) && watchers.delete(watcher)).length > 0;
  }

  /** Everybody is told, whatever one of them does. True if it was handled. */
  function tell(message: object, error?: RealtimeError): boolean {
    let handled = false;
    for (const watcher of [...watchers]) {
      if (watchers.has(watcher)) {
        try {
          handled = watcher.listener(message, error) !== false || handled;
        } catch (cause) {
          handled = true;
          report(new RealtimeError("callback_threw", `${cause}`, { channel, cause }));
        }
      }
    }
    return handled;
  }

  function tellGap(message: Message<"gap">): void {
    if (!tell(message) && view) {
      report(new RealtimeError("gap", `changes may be missing (${message.payload.reason})`, { channel }));
    }
  }

  function tellPresence(message: ServerMessage, comparable: unknown, list: OnlineList): void {
    presence.replace(channel, list, (payload) => comparable && tell({ ...message, type: "presence_update", payload }));
  }

  function subscribed(message: Message<"subscribed">): void {
    const { payload } = message;
    const starts = phase !== "live";
    // There was no position to go on from: the server had told none yet, or does not know it any more.
    const missed = starts && begun && view && !position && !custom && !options.snapshot;
    if (starts) {
      phase = options.snapshot && !payload.recovered ? "taking" : "live";
      begun = first = true;
      if (!payload.recovered) {
        position = phase === "live" ? payload.position : undefined;
      } // What is replayed comes after this message: `since` holds until it has come.
    }
    watchers.forEach((watcher) => settle(watcher));
    tell(message);
    if (payload.onlineUsers) {
      // What changed since the last connection. The first time, and where the list is cut off, there is nothing to compare.
      tellPresence(message, presence.get(channel) && payload.onlineUsers.length === payload.onlineCount, payload as OnlineList);
    }
    if (missed) {
      tellGap({ type: "gap", channel, payload: { reason: "unknown_position", action: "resnapshot" } });
    }
  }

  function failed(message: Message<"error">): void {
    const { code, retryAfter } = message.payload;
    const error = toError(message);
    if (message.id) {
      if (phase === "live") {
        reject(error); // Only a change of it was refused.
        return;
      }
      if (position && (code === "unknown_position" || (begun && code === "bad_message"))) {
        // This position is no good; or the channel is of a kind that has none.
        custom = code === "bad_message";
        begun = true;
        position = undefined;
        ask();
        return;
      }
      if (begun && PASSING.includes(code)) {
        phase = "asked";
        cancelRetry = environment.after(retryAfter ?? RETRY_AFTER, ask);
        return;
      }
    }
    const rejected = reject(error);
    if (!tell(message, error) && !rejected) {
      report(error);
    }
    forget();
  }

  /** A message that names the channel. */
  function receive(message: ServerMessage): void {
    const { type, id, payload } = message;
    if (type === "subscribed") {
      if (id === lastId) {
        subscribed(message);
      }
    } else if (type === "error") {
      // Without an id: it has ended, and nobody asked.
      if (id ? id === lastId : phase !== "asked") {
        failed(message);
      }
    } else if (type === "snapshot") {
      if (id === lastId && phase === "taking") {
        const event = { ...payload, first, last: !!payload.last };
        first = false;
        if (payload.last) {
          phase = "live";
          position = payload.position;
        }
        tell({ ...message, payload: event });
      }
    } else if (type === "presence_diff") {
      tellPresence(message, true, presence.apply(channel, payload));
    } else if (type === "presence_update") {
      presence.set(channel, payload.onlineUsers);
      tell(message);
    } else if (phase !== "asked") {
      if (type === "data_change") {
        position = payload.position;
      }
      if (type === "gap") {
        tellGap(message);
      } else {
        tell(message);
      }
    }
  }

  return {
    watch,
    ask,
    receive,
    /** Everything up to there has been sent, on all channels. */
    reached(newest: string): void {
      if (phase === "live") {
        position = newest;
      }
    },
    /** The connection is gone. If it does not come back by itself, whoever waits is told. */
    lost(error: RealtimeError, givenUp: boolean): void {
      cancelRetry?.();
      phase = "asked";
      if (givenUp) {
        presence.set(channel);
        if (reject(error) && !watchers.size) {
          forget();
        }
      }
    },
    /** What others are shown from the next subscribe on. */
    show(shown: object): void {
      metadata = shown;
    },
  };
}
