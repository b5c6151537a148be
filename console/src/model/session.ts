import { createRealtimeClient, type RealtimeClient, type Watch, type WatchOptions } from "@rowtide/client";
import { atom, computed, type ReadableAtom } from "nanostores";
import { resourceHue } from "./colour.js";
import { contentOf, Feed } from "./feed.js";
import { Monitor } from "./monitor.js";
import { me, type Person, rename } from "./person.js";
import { path } from "./server.js";

/** Who looks at a console is present here. */
const VISITORS = "rowtide-console";

/** A connection may have 1,000 channels; the rest is for what people subscribe to. */
const RESOURCES_WATCHED = 500;

/** What was subscribed to by hand, and what came. */
export interface Subscription {
  id: number;
  channel: string;
  options: WatchOptions;
  feed: Feed;
}

/** One visit: a connection, what it listens to, and how the server is. */
export class Session {
  readonly client: RealtimeClient;
  readonly monitor: Monitor;
  /** The changes of all resources. */
  readonly all = new Feed();
  readonly subscriptions = atom<readonly Subscription[]>([]);
  readonly visitors: ReadableAtom<readonly Person[]>;
  /** Undefined with a token: then the server knows who it is, and this page does not. */
  readonly me = atom<Person | undefined>();
  readonly #watches = new Map<string, Watch>();
  readonly #byHand = new Map<number, Watch>();
  #lastId = 0;
  #toldOfMore = false;

  constructor(
    readonly token: string | undefined,
    refused: (sentence: string) => void,
  ) {
    const person = token ? undefined : me();
    this.me.set(person);
    const url = person ? `${path()}?userId=${encodeURIComponent(person.userId)}` : path();
    this.client = createRealtimeClient({
      wsUrl: url,
      ...(token ? { auth: token } : {}),
      onError: (error) => this.all.add({ kind: "trouble", channel: error.channel ?? "", text: error.message }),
    });
    this.visitors = computed(this.client.atoms.onlineUsers, (online) =>
      (online.get(VISITORS) ?? []).map(({ userId, metadata }) => ({ userId, name: String(metadata?.name ?? userId) })),
    );
    this.monitor = new Monitor(token, refused);
    this.monitor.stats.subscribe((stats) => stats && this.#watchAll(stats.resources.map(({ name }) => name)));
    void this.client.connect().catch(() => {}); // It goes on trying, and says so in its state.
    this.client.watch(VISITORS, () => true, { rows: false, ...(person ? { metadata: { name: person.name } } : {}) }).ready.catch(() => {}); // Nobody is shown where that is forbidden.
  }

  close(): void {
    this.monitor.stop();
    this.client.disconnect();
  }

  rename(name: string): void {
    rename(name);
    this.me.set(me());
    this.client.updatePresence(VISITORS, { name }).catch(() => {});
  }

  /** Rejects with a sentence if the server refuses. */
  async subscribe(channel: string, options: WatchOptions): Promise<Subscription> {
    const feed = new Feed();
    const watch = this.#watch(channel, feed, options);
    try {
      await watch.ready;
    } catch (error) {
      watch.stop();
      throw error;
    }
    const subscription = { id: ++this.#lastId, channel, options, feed };
    this.#byHand.set(subscription.id, watch);
    this.subscriptions.set([...this.subscriptions.get(), subscription]);
    return subscription;
  }

  unsubscribe({ id }: Subscription): void {
    this.#byHand.get(id)?.stop();
    this.#byHand.delete(id);
    this.subscriptions.set(this.subscriptions.get().filter((other) => other.id !== id));
  }

  /** Resources come and go with the tables. */
  #watchAll(names: string[]): void {
    const wanted = new Set(names.slice(0, RESOURCES_WATCHED));
    for (const [name, watch] of this.#watches) {
      if (!wanted.has(name)) {
        watch.stop();
        this.#watches.delete(name);
      }
    }
    if (names.length > RESOURCES_WATCHED && !this.#toldOfMore) {
      this.#toldOfMore = true;
      this.all.add({ kind: "trouble", channel: "", text: `of ${names.length} resources the first ${RESOURCES_WATCHED} are shown here: subscribe to the others` });
    }
    for (const name of wanted) {
      resourceHue(name); // In this order, whichever changes first.
      if (!this.#watches.has(name)) {
        const channel = `resource:${name}`;
        const watch = this.#watch(channel, this.all, { presence: "none" });
        watch.ready.catch((error) => this.all.add({ kind: "trouble", channel, text: error.message }));
        this.#watches.set(name, watch);
      }
    }
  }

  #watch(channel: string, feed: Feed, options: WatchOptions): Watch {
    const { clock, latency } = this.monitor;
    return this.client.watch(
      channel,
      (message) => {
        const content = contentOf(message, () => clock.now());
        if (content) {
          feed.add(content);
          if (content.kind === "change" && feed === this.all) {
            latency.add(content.latencyMillis);
          }
        }
        return true;
      },
      options,
    );
  }
}
