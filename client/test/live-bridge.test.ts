// liveQuery against the real bridge: whatever is written, at the end every query is what the database answers.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createRealtimeClient, type RealtimeError } from "@rowtide/client";
import { liveQuery } from "@rowtide/client/live";
import { cleanStores } from "nanostores";
import { Bridge, noBridge } from "@rowtide/testing";
import { reaches } from "./surroundings.js";

interface Task {
  id: number;
  status: string;
  priority: number | null;
  title: string;
}

describe("live queries with the real bridge", { skip: noBridge }, () => {
  let bridge: Bridge;
  const errors: RealtimeError[] = [];

  before(async () => {
    bridge = new Bridge();
    await bridge.sql("PRAGMA journal_mode = wal");
    await bridge.sql("CREATE TABLE task (id INTEGER PRIMARY KEY, status TEXT, priority INTEGER, title TEXT)");
    await bridge.sql("CREATE TABLE place (country TEXT, city TEXT, size INTEGER, PRIMARY KEY (country, city)) WITHOUT ROWID");
    for (let id = 1; id <= 200; id++) {
      await bridge.sql(insert(id));
    }
    await bridge.start();
  });

  after(() => bridge.stop());

  let state = 7;
  const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
  const status = () => ["open", "closed", "späť"][random(3)]!;
  const insert = (id: number) =>
    `INSERT OR REPLACE INTO task VALUES (${id}, '${status()}', ${random(5) ? random(20) : "NULL"}, '${"aäzZ\u{1f600}"[random(5)]}${random(50)}')`;

  const answer = async (where: string, order: string, limit = -1) =>
    JSON.parse(
      await bridge.sql(
        `SELECT json_group_array(json_object('id', id, 'status', status, 'priority', priority, 'title', title)) FROM (SELECT * FROM task WHERE ${where} ORDER BY ${order} LIMIT ${limit})`,
      ),
    ) as Task[];

  test("they are what the database answers, through writes, breaks and a kill", async (t) => {
    const client = createRealtimeClient<{ task: Task; place: { country: string; city: string; size: number } }>({
      wsUrl: bridge.url,
      reconnectDelay: 50,
      onError: (error) => errors.push(error),
    });
    await client.connect();
    const queries = [
      {
        query: liveQuery(client, "task", { where: { status: "open" }, orderBy: { priority: "desc" }, limit: 10, nulls: "first" }),
        wanted: () => answer("status = 'open'", "priority DESC, id", 10),
      },
      {
        query: liveQuery(client, "task", { where: { OR: [{ priority: { gte: 15 } }, { priority: { isNull: true } }] }, orderBy: ["title", "id"], nulls: "first" }),
        wanted: () => answer("priority >= 15 OR priority IS NULL", "title, id"),
      },
      { query: liveQuery(client, "task"), wanted: () => answer("true", "id") },
    ];
    const stops = queries.map(({ query }) => query.listen(() => {}));
    t.after(() => {
      stops.forEach((stop) => stop());
      cleanStores(...queries.map(({ query }) => query as any));
      client.disconnect();
    });

    for (let round = 0; round < 6; round++) {
      for (let write = 0; write < 60; write++) {
        const id = 1 + random(260);
        const kind = random(6);
        await bridge.sql(
          kind === 0
            ? `DELETE FROM task WHERE id = ${id}`
            : kind === 1
              ? `UPDATE task SET status = '${status()}', priority = ${random(20)} WHERE id % 17 = ${random(17)}`
              : insert(id),
        );
      }
      if (round === 2) {
        await bridge.kill();
        await reaches(client, "reconnecting");
        await bridge.sql("UPDATE task SET priority = 19 WHERE id < 30");
        await bridge.start();
      }
      if (round === 4) {
        await bridge.sql("DELETE FROM task");
        await bridge.sql(insert(1));
      }
      for (const { query, wanted } of queries) {
        await becomes(query, await wanted());
      }
    }
    assert.deepEqual(errors, []);
  });

  test("rows with a composite key are known by the server's ids", async (t) => {
    await bridge.sql("INSERT INTO place VALUES ('NO', 'Oslo', 1), ('NO', 'a,b%', 2)");
    const client = createRealtimeClient({ wsUrl: bridge.url, onError: (error) => errors.push(error) });
    await client.connect();
    const query = liveQuery(client, "place", { orderBy: "size", columns: ["city", "size"] });
    const stop = query.listen(() => {});
    t.after(() => {
      stop();
      cleanStores(query as any);
      client.disconnect();
    });
    await becomes(query, [
      { city: "Oslo", size: 1 },
      { city: "a,b%", size: 2 },
    ]);
    await bridge.sql("UPDATE place SET size = 3 WHERE city = 'Oslo'");
    await bridge.sql("DELETE FROM place WHERE size = 2");
    await becomes(query, [{ city: "Oslo", size: 3 }]);
    assert.deepEqual(errors, []);
  });
});

/** Resolves when the query shows that. If it never does, the test's time runs out, and this says what it showed at last. */
function becomes<Row>(query: { subscribe(listener: (rows: readonly Row[]) => void): () => void; get(): readonly Row[] }, wanted: Row[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(wanted);
    const deadline = setTimeout(() => reject(new Error(`shows ${JSON.stringify(query.get())}\ninstead of ${text}`)), 20_000);
    const stop = query.subscribe((rows) => {
      if (JSON.stringify(rows) === text) {
        queueMicrotask(() => stop());
        clearTimeout(deadline);
        resolve();
      }
    });
  });
}
