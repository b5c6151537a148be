import { atom, type ReadableAtom } from "nanostores";
import { address } from "./address.js";
import { backoff } from "./backoff.js";
import { type Deferred, deferred } from "./deferred.js";
import type { Environment } from "./environment.js";
import { RealtimeError } from "./errors.js";
import type { ServerMessage } from "./messages.js";
import type { ConnectionState, RealtimeClientOptions, WebSocketLike } from "./types.js";
import { platformWebSocket } from "#socket";

/** How long the server may take to accept a connection, and to answer a heartbeat. */
const PATIENCE = 10_000;
/** A timer that is this late tells that the page or the machine was asleep. */
const LATE = 1_000;

export interface ConnectionEvents {
  /** The token for the next attempt. */
  token(): Promise<string | undefined>;
  opened(): void;
  message(message: ServerMessage): void;
  /** An open connection is gone, or an attempt failed. `givenUp`: no other follows by itself; `told`: it has rejected a connect(). */
  lost(error: RealtimeError, givenUp: boolean, told: boolean): void;
}

export interface Connection {
  state: ReadableAtom<ConnectionState>;
  connect(): Promise<void>;
  disconnect(): void;
  /** Sends it if there is a connection. */
  send(message: object): boolean;
}

/**
 * One WebSocket that is made again whenever it is lost, from connect() to disconnect().
 *
 * Whatever is asynchronous may be overtaken by disconnect() or by the next attempt. `attempt` names the current one: an object of its own; what belongs to another is ignored and its
 * socket is closed.
 */
export function createConnection(options: RealtimeClientOptions, environment: Environment, events: ConnectionEvents): Connection {
  const { autoReconnect = true, maxReconnectAttempts = Infinity, reconnectDelay = 1000, heartbeatInterval = 30_000 } = options;
  const state = atom<ConnectionState>("disconnected");
  let attempt: { socket?: WebSocketLike } | undefined;
  let open = false;
  let failures = 0;
  let reconnectIn: number | undefined;
  let waiting: Deferred | undefined;
  let cancel: (() => void) | undefined;
  let unanswered = false;
  let stopWaking: (() => void) | undefined;

  /** One thing is waited for at a time. */
  function after(millis: number, run: () => void): void {
    cancel?.();
    cancel = environment.after(millis, run);
  }

  function connect(): Promise<void> {
    if (open) {
      return Promise.resolve();
    }
    const { promise } = (waiting ??= deferred());
    stopWaking ??= environment.onWake(wake);
    if (!attempt) {
      begin();
    }
    return promise;
  }

  async function begin(): Promise<void> {
    const mine: { socket?: WebSocketLike } = (attempt = {});
    if (state.get() === "disconnected") {
      state.set("connecting");
    }
    after(PATIENCE, silent);
    try {
      const token = await events.token();
      const WebSocket = options.WebSocket ?? (await platformWebSocket());
      if (mine === attempt) {
        listen(mine, new WebSocket(...address(options, token)));
      }
    } catch (cause) {
      if (mine === attempt) {
        const hopeless = (cause as RealtimeError)?.code === "bad_options";
        lost(hopeless ? "bad_options" : "connection_failed", `${cause}`, hopeless, cause);
      }
    }
  }

  const silent = () => lost("connection_failed", "the server does not answer");

  function listen(mine: { socket?: WebSocketLike }, socket: WebSocketLike): void {
    let why = "the server does not answer or refuses";
    const ifCurrent = (run: (event: any) => void) => (event: unknown) => mine === attempt && run(event);
    mine.socket = socket;
    after(PATIENCE, silent);
    socket.onopen = ifCurrent(() => {
      open = true;
      after(Math.min(heartbeatInterval, PATIENCE), beat);
      events.opened();
      state.set("connected");
      waiting?.settle();
      waiting = undefined;
    });
    socket.onmessage = ifCurrent(({ data }) => receive(data));
    // What is closed before it was open fails; in Node somebody must listen to that.
    socket.onerror = ({ message }) => (why = message || why);
    socket.onclose = ifCurrent(({ code, reason }) => {
      if (open) {
        lost("connection_lost", `closed: ${code} ${reason}`, code >= 4500 && code < 5000);
      } else {
        // Node says what the answer was, browsers do not.
        lost("connection_failed", why, / 40[13]$/.test(why));
      }
    });
  }

  function receive(data: string): void {
    unanswered = false;
    let message: ServerMessage;
    try {
      message = JSON.parse(data) ?? {};
    } catch {
      return; // Not one of ours.
    }
    if (message.type === "closing") {
      reconnectIn = message.payload.reconnectIn;
    }
    events.message(message);
  }

  function send(message: object): boolean {
    if (open) {
      attempt!.socket!.send(JSON.stringify(message));
    }
    return open;
  }

  function drop(): void {
    cancel?.();
    const socket = attempt?.socket;
    attempt = waiting = undefined;
    open = false;
    socket?.close(1000);
  }

  function lost(code: RealtimeError["code"], message: string, final = false, cause?: unknown): void {
    const error = new RealtimeError(code, message, { cause });
    const caller = waiting;
    drop();
    const givenUp = final || !autoReconnect || failures >= maxReconnectAttempts;
    if (givenUp) {
      stopWaking?.();
      stopWaking = undefined;
      failures = 0;
      state.set("disconnected");
    } else {
      state.set("reconnecting");
      after(reconnectIn ?? backoff(failures++, reconnectDelay, environment.random), begin);
      reconnectIn = undefined;
    }
    caller?.settle(error);
    events.lost(error, givenUp, !!caller || code === "disconnected");
  }

  /** Asks for a sign of life: a connection can be dead without anybody having said so. The answer also tells how far quiet channels are. */
  function beat(patience = PATIENCE, askedAgain = false): void {
    const due = environment.now() + patience;
    unanswered = true;
    send({ type: "heartbeat", timestamp: environment.now() });
    after(patience, () => {
      if (!unanswered) {
        // Only now: a server that accepts and then closes is not to be asked again and again without a delay.
        failures = 0;
        after(Math.max(0, heartbeatInterval - patience), beat);
      } else if (!askedAgain && environment.now() - due > LATE) {
        // Whoever slept may have the answer still before it. In the background all timers are late: only once.
        beat(patience, true);
      } else {
        lost("connection_lost", "the server does not answer");
      }
    });
  }

  function wake(): void {
    if (open) {
      beat(PATIENCE / 2); // Somebody is looking.
    } else if (!attempt) {
      begin();
    }
  }

  return { state, connect, send, disconnect: () => lost("disconnected", "disconnect() was called", true) };
}
