import { type TestContext } from "node:test";
import { createClient } from "../dist/client.js";
import type { Environment } from "../dist/environment.js";
import type { RealtimeError } from "../dist/errors.js";
import type { AnySchema, ConnectionState, RealtimeClient, RealtimeClientOptions } from "../dist/types.js";
import { ScriptedServer } from "./scripted-server.js";

interface Timer {
  due: number;
  run: () => void;
}

/** A clock that stands still until it is moved, and chance that is none. */
export class Surroundings implements Environment {
  time = 1_000_000;
  chance = 0.5;
  readonly delays: number[] = [];
  readonly #timers = new Set<Timer>();
  readonly #sleepers = new Set<() => void>();

  now = () => this.time;
  random = () => this.chance;

  after = (millis: number, run: () => void) => {
    const timer = { due: this.time + millis, run };
    this.delays.push(millis);
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  onWake = (wake: () => void) => {
    this.#sleepers.add(wake);
    return () => void this.#sleepers.delete(wake);
  };

  /** Lets time pass, and runs what is due, each at its time. */
  pass(millis: number): void {
    const end = this.time + millis;
    for (;;) {
      const next = [...this.#timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) {
        break;
      }
      this.time = Math.max(this.time, next.due);
      this.#timers.delete(next);
      next.run();
    }
    this.time = end;
  }

  /** Lets time pass during which nothing runs; then runs what has become due. */
  sleep(millis: number): void {
    this.time += millis;
    this.pass(0);
  }

  wake(): void {
    for (const wake of [...this.#sleepers]) {
      wake();
    }
  }

  get timers(): number {
    return this.#timers.size;
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }
}

export interface Scene<Schema = AnySchema> {
  server: ScriptedServer;
  surroundings: Surroundings;
  client: RealtimeClient<Schema>;
  /** What was reported because no call caused it. */
  errors: RealtimeError[];
  states: ConnectionState[];
}

/** A server that says nothing by itself and a client that is not connected; both end with the test. */
export async function scene<Schema = AnySchema>(context: TestContext, options: RealtimeClientOptions = {}): Promise<Scene<Schema>> {
  const server = await ScriptedServer.start();
  const surroundings = new Surroundings();
  const errors: RealtimeError[] = [];
  const client = createClient<Schema>({ wsUrl: server.url, onError: (error) => errors.push(error), ...options }, surroundings);
  const states: ConnectionState[] = [];
  client.atoms.connectionState.subscribe((state) => void states.push(state));
  context.after(async () => {
    client.disconnect();
    await server.stop();
  });
  return { server, surroundings, client, errors, states };
}

/** Resolves when the client is in that state. */
export function reaches(client: RealtimeClient<any>, wanted: ConnectionState): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.atoms.connectionState.subscribe((state) => {
      if (state === wanted) {
        queueMicrotask(() => stop());
        resolve();
      }
    });
  });
}

/** Lets the event loop turn until it is so. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Collects, and lets a test wait for how many there are. */
export class Collected<Item> {
  readonly items: Item[] = [];
  #waiting: { count: number; resolve: () => void }[] = [];

  readonly add = (item: Item): void => {
    this.items.push(item);
    this.#waiting = this.#waiting.filter(({ count, resolve }) => this.items.length < count || resolve());
  };

  async count(count: number): Promise<Item[]> {
    if (this.items.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
    return this.items;
  }

  /** Waits until the newest is this one. */
  async until(newest: Item): Promise<void> {
    while (this.items.at(-1) !== newest) {
      await this.count(this.items.length + 1);
    }
  }
}
