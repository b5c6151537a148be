import { channelOf } from "./channel.js";
import { createConnection } from "./connection.js";
import { type Deferred, deferred } from "./deferred.js";
import { type Environment, platform } from "./environment.js";
import { RealtimeError, toError } from "./errors.js";
import type { ServerMessage } from "./messages.js";
import { createPresence } from "./presence.js";
import { createSubscription, type Listener, type Subscription } from "./subscription.js";
import { expiryOf } from "./token.js";
import type { AnySchema, RealtimeClient, RealtimeClientOptions, Watch, WatchOptions } from "./types.js";

/** About the longest that a timer can wait. */
const LONGEST_TIMER = 2e9;

/** A client of a Rowtide server. It does nothing until `connect()`. */
export function createRealtimeClient<Schema = AnySchema>(options: RealtimeClientOptions = {}): RealtimeClient<Schema> {
  return createClient({ ...options }, platform);
}

/**
 * The same with other surroundings, and with options that may still change before `connect`.
 *
 * It has one connection, and a connection has one view of a channel. Who wants another view of it, with another filter for example, gets it from a further client that comes and
 * goes with this one and with the need for it.
 */
export function createClient<Schema>(options: RealtimeClientOptions, environment: Environment, presence = createPresence()): RealtimeClient<Schema> {
  const { onError: report = console.error } = options;
  const subscriptions = new Map<string, Subscription>();
  const requests = new Map<number, Deferred>();
  let lastId = 0;
  let token: string | undefined;
  let cancelRefresh: (() => void) | undefined;
  let further: RealtimeClient | undefined;
  let onFurther = 0;

  const log = (...what: unknown[]) => options.debug && console.debug("[rowtide]", ...what);

  const connection = createConnection(options, environment, {
    async token() {
      const { auth } = options;
      return (token = typeof auth === "function" ? await auth() : auth);
    },
    opened() {
      refreshLater();
      subscriptions.forEach(({ ask }) => ask());
    },
    message: receive,
    lost(error, givenUp, told) {
      log(error.message);
      cancelRefresh?.();
      requests.forEach(({ settle }) => settle(error));
      requests.clear();
      subscriptions.forEach(({ lost }) => lost(error, givenUp));
      if (givenUp && !told) {
        report(error);
      }
    },
  });
  const { state } = connection;

  function send(message: object): number {
    const numbered = { ...message, id: ++lastId };
    log(">", numbered);
    return connection.send(numbered) ? lastId : 0;
  }

  function receive(message: ServerMessage): void {
    log("<", message);
    const { type, id, channel } = message;
    const request = requests.get(id!);
    if (request) {
      requests.delete(id!);
      request.settle(type === "error" ? toError(message) : undefined);
    } else if (channel) {
      subscriptions.get(channel)?.receive(message);
    } else if (type === "heartbeat") {
      const { position } = message;
      if (position) {
        subscriptions.forEach(({ reached }) => reached(position));
      }
    } else if (type === "error") {
      report(toError(message));
    }
  }

  /** Sends it with an id; resolves or rejects by the answer. */
  async function request(message: object): Promise<void> {
    const id = send(message);
    if (!id) {
      throw new RealtimeError("not_connected", "await connect() first");
    }
    const answer = deferred();
    requests.set(id, answer);
    return answer.promise;
  }

  function watch(channel: string, listener: Listener, watchOptions: WatchOptions = {}): Watch {
    const waits = state.get() !== "disconnected";
    let subscription = subscriptions.get(mustBe("string", channel));
    if (!subscription) {
      subscription = createSubscription(channel, presence, environment, { send, report, ended: () => subscriptions.delete(channel) });
      subscriptions.set(channel, subscription);
    }
    const here = subscription.watch(listener, watchOptions, waits);
    if (here) {
      return here;
    }
    further ??= createClient(options, environment, presence);
    onFurther++;
    if (waits) {
      further.connect().catch(log);
    }
    const { ready, stop } = further.watch(channel, listener, watchOptions);
    let counts = 1;
    return {
      ready,
      stop() {
        stop();
        onFurther -= counts;
        counts = 0;
        if (!onFurther) {
          further!.disconnect();
        }
      },
    };
  }

  /** Messages of `type` go to the callback and others to those of the options, each only its payload; without a type, all go to the callback. */
  async function subscribe(channel: string, callback: (event: any) => void, watchOptions: WatchOptions = {}, type?: string) {
    mustBe("function", callback);
    const { onSnapshot, onGap, onError, snapshot } = watchOptions;
    if (type && snapshot && !onSnapshot) {
      throw new RealtimeError("bad_options", "snapshot needs onSnapshot", { channel });
    }
    const callbacks: Record<string, typeof onGap> = { snapshot: onSnapshot as any, gap: onGap, error: onError as any, [type!]: callback };
    const listener: Listener = (message, error) => {
      const to = callbacks[message.type];
      to?.(error ?? message.payload);
      return !!to;
    };
    const { ready, stop } = watch(channel, type ? listener : callback, watchOptions);
    await ready;
    return stop;
  }

  /** A new token before the old one expires, if it says when and there is a way to get one. */
  function refreshLater(): void {
    cancelRefresh?.();
    const left = expiryOf(token) - environment.now();
    if (left > 0 && typeof options.auth === "function") {
      cancelRefresh = environment.after(Math.min(left * 0.9, LONGEST_TIMER), () => setAuth().catch(report));
    }
  }

  async function setAuth(auth = options.auth): Promise<void> {
    options.auth = auth;
    if (auth && state.get() === "connected") {
      token = typeof auth === "function" ? await auth() : auth;
      await request({ type: "auth", payload: { token } });
      refreshLater();
      await further?.setAuth();
    }
  }

  return {
    connect() {
      if (onFurther) {
        further!.connect().catch(log);
      }
      return connection.connect();
    },
    disconnect() {
      further?.disconnect();
      connection.disconnect();
    },
    subscribe,
    subscribeToResource: async (resource, callback, rowOptions) => subscribe(`resource:${mustBe("string", resource)}`, callback, rowOptions, "data_change"),
    subscribeToRecord: async (resource, id, callback, rowOptions) => subscribe(channelOf(mustBe("string", resource), mustBe("string", `${id ?? ""}`) && id), callback, rowOptions, "data_change"),
    subscribeToPresence: (channel, callback, channelOptions) => subscribe(channel, callback, { ...channelOptions, rows: false }, "presence_update"),
    broadcast: (channel, payload = null, { self } = {}) => request({ type: "broadcast", channel, payload, self }),
    async updatePresence(channel, metadata) {
      await request({ type: "presence_update", channel, payload: { metadata } });
      subscriptions.get(channel)?.show(metadata);
    },
    setAuth,
    watch,
    atoms: { connectionState: state, onlineUsers: presence.onlineUsers },
  };
}

function mustBe<Value>(type: string, value: Value): Value {
  if (typeof value !== type || !value) {
    throw new TypeError(`a ${type} is needed, not ${value}`);
  }
  return value;
}
