import { type Environment, platform } from "./environment.js";
import type { RealtimeError } from "./errors.js";
import type { Listener } from "./subscription.js";
import type { RealtimeClient, WatchOptions } from "./types.js";

/** Errors of the connection, and not of what was asked. */
const NOT_ABOUT_IT = ["connection_failed", "connection_lost", "disconnected", "bad_options"];
const PASSING = ["unavailable", "rate_limited", "internal"];
const RETRY_AFTER = 2_000;

export interface Kept {
  stop(): void;
  /** Subscribes anew. */
  again(): void;
}

/**
 * Watches a channel for as long as it is wanted, whatever becomes of the connection meanwhile, and whether it is there yet. `failed` is told why it cannot be
 * watched; what passes is waited for.
 */
export function keep(
  client: RealtimeClient<any>,
  channel: string,
  listener: Listener,
  options: WatchOptions,
  failed: (error: RealtimeError) => void,
  environment: Environment = platform,
): Kept {
  let stop: () => void;
  let cancelRetry: (() => void) | undefined;
  let kept: object | undefined;

  function begin(): void {
    const mine = (kept = {});
    const watch = client.watch(
      channel,
      (message, error?: RealtimeError) => {
        if (mine === kept) {
          return error ? ended(error) : listener(message);
        }
      },
      options,
    );
    stop = watch.stop;
    watch.ready.catch((error: RealtimeError) => {
      if (mine !== kept) {
        return;
      }
      if (NOT_ABOUT_IT.includes(error.code)) {
        begin(); // It is not connecting any more, or connecting anew; either way this waits for it.
      } else {
        ended(error);
      }
    });
  }

  function ended(error: RealtimeError): void {
    if (PASSING.includes(error.code)) {
      cancelRetry = environment.after(error.retryAfter ?? RETRY_AFTER, begin);
    } else {
      failed(error);
    }
  }

  function end(): void {
    kept = undefined;
    cancelRetry?.();
    stop();
  }

  begin();
  return {
    stop: end,
    again() {
      end();
      begin();
    },
  };
}
