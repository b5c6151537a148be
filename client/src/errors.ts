/** What went wrong: the server's codes (docs/protocol.md), then this client's own. */
export type RealtimeErrorCode =
  | "bad_message"
  | "unknown_type"
  | "bad_channel"
  | "bad_filter"
  | "unauthorized"
  | "forbidden"
  | "token_expired"
  | "too_large"
  | "rate_limited"
  | "limit_reached"
  | "unknown_position"
  | "not_subscribed"
  | "unavailable"
  | "internal"
  | "bad_options"
  | "not_connected"
  | "connection_failed"
  | "connection_lost"
  | "disconnected"
  | "gap"
  | "callback_threw";

interface About {
  channel?: string | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** Rejects the promise of the call that caused it; what no call caused goes to `onError`. */
export class RealtimeError extends Error {
  declare readonly code: RealtimeErrorCode;
  /** The channel that it is about, if it is about one. */
  declare readonly channel?: string;
  /** Milliseconds after which it may help to try again, if the server says so. */
  declare readonly retryAfter?: number;

  constructor(code: RealtimeErrorCode, message: string, about?: About) {
    super(message);
    Object.assign(this, about, { name: "RealtimeError", code });
  }
}

/** An `error` of the server. */
export function toError({ channel, payload }: { channel?: string; payload: { code: RealtimeErrorCode; message: string; retryAfter?: number } }) {
  return new RealtimeError(payload.code, payload.message, { channel, retryAfter: payload.retryAfter });
}
