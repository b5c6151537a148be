// The whole way, from a commit in a database to a callback: the bridge of this repository, if it was built.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createRealtimeClient, type RealtimeClientOptions, type RealtimeError } from "@rowtide/client";
import { liveQuery } from "@rowtide/client/live";
import { Bridge, Network, noBridge, noPostgres } from "@rowtide/testing";
import { Collected, reaches } from "./surroundings.js";

const databases = [
  { name: "SQLite", skip: noBridge, open: async () => new Bridge(), prepare: "PRAGMA journal_mode = wal" },
  // The old row is in the log, so that it is known what leaves a filter.
  { name: "PostgreSQL", skip: noPostgres, open: () => Bridge.onPostgres(), prepare: "ALTER TABLE post REPLICA IDENTITY FULL" },
];

for (const { name, skip, open, prepare } of databases) describe(`with the real bridge on ${name}`, { skip }, () => {
  let bridge: Bridge;
  const errors: RealtimeError[] = [];
  const clients: { disconnect(): void }[] = [];

  function client(options: RealtimeClientOptions = {}) {
    const made = createRealtimeClient<{ post: { id: number; title: string; status: string } }>({
      wsUrl: bridge.url,
      reconnectDelay: 50,
      onError: (error) => errors.push(error),
      ...options,
    });
    clients.push(made);
    return made;
  }

  before(async () => {
    bridge = await open();
    await bridge.sql("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT, status TEXT)");
    await bridge.sql(prepare);
    await bridge.start();
  });

  after(async () => {
    for (const made of clients) {
      made.disconnect();
    }
    await bridge.stop();
    assert.deepEqual(errors, []);
  });

  test("a commit arrives, errors reject, and broadcasts are acknowledged", async () => {
    const ann = client({ wsUrl: `${bridge.url}?userId=ann` });
    const bob = client({ wsUrl: `${bridge.url}?userId=bob` });
    await Promise.all([ann.connect(), bob.connect()]);
    const changes = new Collected<any>();
    await ann.subscribeToResource("post", changes.add, { filter: { status: "open" }, columns: ["id", "title"] });
    const record = new Collected<any>();
    await bob.subscribeToRecord("post", 7, record.add);
    await bridge.sql("INSERT INTO post VALUES (6, 'hidden', 'draft'), (7, 'Hello', 'open')");
    await bridge.sql("UPDATE post SET status = 'draft' WHERE id = 7");
    assert.deepEqual(
      (await changes.count(2)).map(({ operation, id, data }) => [operation, id, data]),
      [
        ["create", 7, { id: 7, title: "Hello" }],
        ["delete", 7, null],
      ],
    );
    assert.deepEqual((await record.count(2)).map(({ operation }) => operation), ["create", "update"]);

    await assert.rejects(ann.subscribeToResource("nonsense" as "post", () => {}), { code: "bad_channel" });
    await assert.rejects(bob.subscribeToResource("post", () => {}, { filter: { titel: "x" } as object }), { code: "bad_filter", message: /titel/ });
    await assert.rejects(ann.broadcast("resource:post", 1), { code: "forbidden" });

    const presence = new Collected<any>();
    const messages = new Collected<any>();
    await ann.subscribeToPresence("room", presence.add);
    await bob.subscribe("room", messages.add, { metadata: { name: "Bob" } });
    await ann.broadcast("room", { text: "hi" }, { self: true });
    while (!messages.items.some(({ type }) => type === "broadcast")) {
      await messages.count(messages.items.length + 1);
    }
    assert.deepEqual(messages.items.find(({ type }) => type === "broadcast").payload, { text: "hi" });
    while (presence.items.at(-1)?.onlineCount !== 2) {
      await presence.count(presence.items.length + 1);
    }
    assert.deepEqual(ann.atoms.onlineUsers.get().get("room")!.map(({ userId }) => userId), ["ann", "bob"]);
    await ann.setAuth();
  });

  test("nothing is lost and nothing comes twice while the network breaks and the bridge is killed", async (t) => {
    const network = new Network(() => bridge.port);
    await network.listen();
    t.after(() => network.close());
    const reader = client({ wsUrl: `ws://127.0.0.1:${network.port}/realtime` });
    const seen = new Collected<number>();
    await reader.connect();
    await reader.subscribeToResource("post", ({ id }) => seen.add(id), { operations: ["create"] });
    const total = 600;
    for (let id = 1001; id <= 1000 + total; id++) {
      await bridge.sql(`INSERT INTO post VALUES (${id}, 'n', 'open')`);
      if (id % 90 === 0) {
        network.cut();
      }
      if (id === 1200) {
        await bridge.kill();
        await reaches(reader, "reconnecting");
      }
      if (id === 1260) {
        await bridge.start();
      }
    }
    assert.deepEqual(await seen.count(total), Array.from({ length: total }, (_, index) => 1001 + index));
  });

  test("a live query is what the database answers", async () => {
    const reader = client();
    await reader.connect();
    const posts = liveQuery(reader, "post", { where: { status: "live" }, orderBy: { title: "desc" }, limit: 2 });
    const shown = new Collected<string>();
    const stop = posts.subscribe((rows) => shown.add(rows.map(({ title }) => title).join()));
    await bridge.sql("INSERT INTO post VALUES (1, 'a', 'live'), (2, 'b', 'live'), (3, 'c', 'live'), (4, 'd', 'draft')");
    await shown.until("c,b");
    await bridge.sql("UPDATE post SET status = 'draft' WHERE id = 3");
    await shown.until("b,a");
    await bridge.sql("DELETE FROM post WHERE id < 5");
    await shown.until("");
    stop();
  });

  test("bad credentials reject connect, and a new token is taken on the live connection", async (t) => {
    const guarded = await open();
    t.after(() => guarded.stop());
    await guarded.sql("CREATE TABLE post (id INTEGER PRIMARY KEY)");
    const config = join(guarded.folder, "rowtide.yaml");
    writeFileSync(
      config,
      `auth:
  mode: tokens
  tokens:
    - {token: one, user-id: ann}
    - {token: two, user-id: ann}
    - {token: other, user-id: bob}
`,
    );
    await guarded.start("--config", config);
    const stranger = client({ wsUrl: guarded.url, auth: "wrong" });
    await assert.rejects(stranger.connect(), { code: "connection_failed" });
    assert.equal(stranger.atoms.connectionState.get(), "disconnected");
    const ann = client({ wsUrl: guarded.url, auth: () => "one" });
    await ann.connect();
    await ann.setAuth("two");
    await assert.rejects(ann.setAuth("other"), { code: "forbidden" });
    await assert.rejects(ann.setAuth("wrong"), { code: "unauthorized" });
    assert.equal(ann.atoms.connectionState.get(), "connected");
  });
});
