import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { liveQuery, type LiveQuery, type LiveQueryOptions, type OrderBy } from "@rowtide/client/live";
import { cleanStores } from "nanostores";
import { createLiveQuery } from "../dist/live/live-query.js";
import { compareValues, comparison } from "../dist/live/order.js";
import { Rows } from "../dist/live/rows.js";
import type { Peer } from "./scripted-server.js";
import { Collected, reaches, type Scene, scene } from "./surroundings.js";

interface Post {
  id: number;
  title?: string | null;
  at: number | null;
}

interface LiveScene extends Scene {
  peer: Peer;
  query: LiveQuery<Post>;
  /** Everything that was ever shown. */
  shown: (readonly Post[])[];
}

async function live(t: TestContext, options: LiveQueryOptions<any, any> = { orderBy: "at" }): Promise<LiveScene> {
  const made = await scene(t);
  await made.client.connect();
  const query = createLiveQuery<Post>(made.client, "post", options, made.surroundings);
  const shown: (readonly Post[])[] = [];
  const stop = query.listen((rows) => void shown.push(rows));
  t.after(() => {
    stop();
    cleanStores(query as any);
  });
  return { ...made, peer: await made.server.peer(), query, shown };
}

async function snapshot(peer: Peer, rows: Post[], position = "p1", recovered?: boolean): Promise<any> {
  const subscribe = await peer.accept({ position, recovered });
  const { id, channel } = subscribe;
  const half = Math.ceil(rows.length / 2);
  for (const part of [rows.slice(0, half), rows.slice(half)]) {
    peer.send({ type: "snapshot", channel, id, payload: { rows: part, ids: part.map((row) => row.id), position, last: false } });
  }
  peer.send({ type: "snapshot", channel, id, payload: { rows: [], ids: [], position, last: true } });
  return subscribe;
}

let at = 100;
const change = (peer: Peer, operation: string, row: Partial<Post>, more: object = {}) =>
  peer.change("resource:post", `p${at++}`, { operation, id: row.id, data: operation === "delete" ? null : row, ...more });

const ids = (rows: readonly Post[]) => rows.map(({ id }) => id);

function shows({ query }: Pick<LiveScene, "query">, ...wanted: number[]): Promise<void> {
  return new Promise((resolve) => {
    const stop = query.subscribe((rows) => {
      if (JSON.stringify(ids(rows)) === JSON.stringify(wanted)) {
        queueMicrotask(() => stop());
        resolve();
      }
    });
  });
}

test("the rows come at once and in order, then each change", async (t) => {
  const made = await live(t, { where: { status: "open" }, orderBy: { at: "desc" }, limit: 2 });
  const { peer, query, shown, surroundings } = made;
  assert.deepEqual(query.get(), []);
  assert.equal(query.status.get().state, "loading");
  const { payload } = await snapshot(peer, [
    { id: 1, at: 10 },
    { id: 2, at: 30 },
    { id: 3, at: 20 },
  ]);
  assert.deepEqual(payload, { filter: { status: "open" }, snapshot: true, presence: "none" });
  await shows(made, 2, 3);
  assert.equal(query.status.get().state, "ready");
  assert.equal(shown.length, 1, "one answer, not one for each part");

  change(peer, "create", { id: 4, at: 25 });
  await shows(made, 2, 4);
  surroundings.pass(100);
  change(peer, "delete", { id: 2 });
  await shows(made, 4, 3);
  surroundings.pass(100);
  change(peer, "update", { id: 1, at: 99 });
  await shows(made, 1, 4);
  surroundings.pass(100);
  change(peer, "update", { id: 7, at: 100 });
  change(peer, "delete", { id: 999 });
  await shows(made, 7, 1);
  surroundings.pass(100);
  peer.change("resource:post", "p98", { operation: "truncate", id: undefined, data: undefined });
  await shows(made);
});

test("changes outside the view and changes that change nothing show nothing", async (t) => {
  const made = await live(t, { orderBy: "at", limit: 1 });
  const { peer, shown, surroundings, client } = made;
  await snapshot(peer, [{ id: 1, at: 1 }]);
  await shows(made, 1);
  change(peer, "create", { id: 2, at: 2 });
  change(peer, "delete", { id: 2 });
  await fence(client, peer);
  surroundings.pass(1_000);
  assert.equal(shown.length, 1);
});

test("what belongs to one transaction is shown together", async (t) => {
  const made = await live(t);
  const { peer, shown } = made;
  await snapshot(peer, [{ id: 1, at: 1 }]);
  await shows(made, 1);
  change(peer, "delete", { id: 1 }, { transaction: { id: "7", index: 0, last: false } });
  change(peer, "create", { id: 2, at: 2 }, { transaction: { id: "7", index: 1, last: false } });
  await fence(made.client, peer);
  assert.equal(shown.length, 1);
  made.surroundings.pass(16);
  await shows(made, 2);
  assert.deepEqual(shown.map(ids), [[1], [2]]);
});

test("a flood of changes is shown a few times", async (t) => {
  const made = await live(t);
  const { peer, shown, surroundings } = made;
  await snapshot(peer, []);
  for (let id = 1; id <= 500; id++) {
    change(peer, "create", { id, at: id });
  }
  await fence(made.client, peer);
  surroundings.pass(16);
  assert.equal(shown.at(-1)!.length, 500);
  assert.ok(shown.length <= 2, `${shown.length}`);
});

test("a break that the server can go on from is not seen", async (t) => {
  const made = await live(t);
  const { peer, shown, client, surroundings, server, query } = made;
  await snapshot(peer, [{ id: 1, at: 1 }]);
  await shows(made, 1);
  peer.cut();
  await reaches(client, "reconnecting");
  surroundings.pass(1_000);
  const again = await server.peer();
  const { payload } = await again.accept({ position: "p1", recovered: true, replayed: 1 });
  assert.equal(payload.since, "p1");
  change(again, "create", { id: 2, at: 2 });
  await shows(made, 1, 2);
  assert.deepEqual(shown.map(ids), [[1], [1, 2]]);
  assert.equal(query.status.get().state, "ready");
});

test("after a gap the new rows take the place of the old ones in one step, and what did not change stays the same object", async (t) => {
  const made = await live(t);
  const { peer, shown, client, surroundings, server, errors } = made;
  await snapshot(peer, [{ id: 1, at: 1 }, { id: 2, at: 2 }, { id: 3, at: 3 }]);
  await shows(made, 1, 2, 3);
  peer.cut();
  await reaches(client, "reconnecting");
  surroundings.pass(1_000);
  const again = await server.peer();
  await snapshot(again, [{ id: 1, at: 1 }, { id: 4, at: 4 }], "p50", false);
  await shows(made, 1, 4);
  assert.deepEqual(shown.map(ids), [[1, 2, 3], [1, 4]]);
  assert.equal(shown[1]![0], shown[0]![0]);

  again.send({ type: "gap", channel: "resource:post", payload: { since: "p50", reason: "permissions_changed", action: "resnapshot" } });
  await again.next("unsubscribe");
  await snapshot(again, [{ id: 4, at: 4 }], "p60");
  await shows(made, 4);
  assert.deepEqual(shown.map(ids), [[1, 2, 3], [1, 4], [4]]);
  assert.deepEqual(errors, []);
});

test("the same rows after a gap show nothing at all", async (t) => {
  const made = await live(t);
  const { peer, shown } = made;
  await snapshot(peer, [{ id: 1, at: 1 }, { id: 2, at: 2 }]);
  await shows(made, 1, 2);
  peer.send({ type: "gap", channel: "resource:post", payload: { reason: "history_expired", action: "resnapshot" } });
  await peer.next("unsubscribe");
  await snapshot(peer, [{ id: 2, at: 2 }, { id: 1, at: 1 }]);
  change(peer, "create", { id: 3, at: 3 });
  await shows(made, 1, 2, 3);
  assert.equal(shown.length, 2);
});

test("a value that did not change is kept; one that is not known is read anew", async (t) => {
  const made = await live(t);
  const { peer, query } = made;
  await snapshot(peer, [{ id: 1, title: "long", at: 1 }]);
  await shows(made, 1);
  change(peer, "update", { id: 1, at: 5 }, { unchanged: ["title"] });
  change(peer, "create", { id: 2, title: "x", at: 6 });
  await fence(made.client, peer);
  made.surroundings.pass(16);
  await shows(made, 1, 2);
  assert.deepEqual(query.get()[0], { id: 1, title: "long", at: 5 });
  change(peer, "update", { id: 3, at: 7 }, { unchanged: ["title"] });
  await peer.next("unsubscribe");
  await snapshot(peer, [{ id: 3, title: "there", at: 7 }]);
  await shows(made, 3);
});

test("a refusal is the status, and there are no rows; what passes is waited for", async (t) => {
  const made = await live(t);
  const { peer, query, surroundings, client, errors } = made;
  peer.error(await peer.next("subscribe"), "unavailable", { retryAfter: 300 });
  await fence(client, peer);
  surroundings.pass(300);
  await snapshot(peer, [{ id: 1, at: 1 }]);
  await shows(made, 1);
  peer.error({ channel: "resource:post" }, "forbidden");
  await shows(made);
  const status = query.status.get();
  assert.equal(status.state, "failed");
  assert.equal(status.error?.code, "forbidden");
  assert.deepEqual(errors, []);
});

test("it waits for a connection, over disconnect and connect, and ends with its last listener", async (t) => {
  const { client, server, errors } = await scene(t);
  const query = liveQuery(client, "post", { orderBy: "id" });
  const shown = new Collected<readonly any[]>();
  const stop = query.listen(shown.add);
  assert.equal(liveQuery(client, "post", { orderBy: "id" }), query);
  assert.notEqual(liveQuery(client, "post", { orderBy: { id: "desc" } }), query);

  const first = client.connect();
  client.disconnect();
  await assert.rejects(first);
  await client.connect();
  const peer = await server.peer();
  await peer.next("subscribe");
  client.disconnect();
  await new Promise<void>((resolve) => setImmediate(resolve));
  await client.connect();
  const again = await server.peer();
  await snapshot(again, [{ id: 2, at: 0 }, { id: 1, at: 0 }]);
  assert.deepEqual(ids((await shown.count(1))[0]!), [1, 2]);
  stop();
  cleanStores(query as any);
  await again.next("unsubscribe");
  assert.notEqual(liveQuery(client, "post", { orderBy: "id" }), query);
  assert.deepEqual(errors, []);
});

test("texts are ordered by code points, numbers before texts", () => {
  const texts = ["", "A", "B", "a", "a\u0000", "ab", "ä", "\uffff", "\u{1f600}"];
  for (const [index, one] of texts.entries()) {
    for (const [other, another] of texts.entries()) {
      assert.equal(Math.sign(compareValues(one, another)), Math.sign(index - other), JSON.stringify([one, another]));
    }
  }
  assert.equal(compareValues(2, 10), -1);
  assert.equal(compareValues(2, "1"), -1);
  assert.equal(compareValues(false, true), -1);
});

test("orderBy takes columns, directions, lists and functions; NULL stands where it stands in the database", () => {
  const rows = [
    { a: 1, b: "x" },
    { a: null, b: "y" },
    { a: 2, b: "x" },
    { a: 1, b: "w" },
  ];
  const sorted = (orderBy: OrderBy<(typeof rows)[number]>, nulls?: "first" | "last") => [...rows].sort(comparison(orderBy, nulls)).map((row) => rows.indexOf(row));
  assert.deepEqual(sorted("a"), [0, 3, 2, 1]);
  assert.deepEqual(sorted("a", "first"), [1, 0, 3, 2]);
  assert.deepEqual(sorted({ a: "desc" }), [1, 2, 0, 3]);
  assert.deepEqual(sorted({ a: "desc" }, "first"), [2, 0, 3, 1]);
  assert.deepEqual(sorted([{ a: "desc" }, "b"]), [1, 2, 3, 0]);
  assert.deepEqual(sorted((a, b) => a.b.localeCompare(b.b)), [3, 0, 2, 1]);
});

test("rows stay sorted whatever is put and deleted", () => {
  let state = 1;
  const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
  const compare = comparison<{ v: number | null }>("v");
  const rows = new Rows(compare);
  const model = new Map<number, { v: number | null }>();
  for (let step = 0; step < 5_000; step++) {
    const id = random(40);
    if (random(3)) {
      const row = { v: random(5) ? random(10) : null };
      rows.put(id, row);
      model.set(id, row);
    } else {
      rows.delete(id);
      model.delete(id);
    }
    const wanted = [...model].sort(([a, one], [b, other]) => compare(one, other) || a - b).map(([, row]) => row);
    assert.deepEqual(rows.first(), wanted);
    assert.deepEqual(rows.first(3), wanted.slice(0, 3));
  }
});

async function fence(client: { broadcast(channel: string, payload: unknown): Promise<void> }, peer: Peer): Promise<void> {
  const done = client.broadcast("fence", 0);
  peer.send({ type: "ack", id: (await peer.next("broadcast")).id });
  await done;
}
