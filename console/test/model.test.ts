import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DataChangeEvent } from "@rowtide/client";
import { ServerClock } from "../src/model/clock.js";
import { hue, resourceHue } from "../src/model/colour.js";
import { bytes, duration, fields, highlights, idText, short, text } from "../src/model/describe.js";
import { CAPACITY, contentOf, Feed } from "../src/model/feed.js";
import { Latency } from "../src/model/latency.js";
import { initials } from "../src/model/person.js";

const update: DataChangeEvent = {
  resource: "orders",
  operation: "update",
  id: 7,
  data: { id: 7, status: "paid", note: null },
  old: { id: 7, status: "open", note: null },
  changed: ["status"],
  position: "p",
};

describe("a change in words", () => {
  test("of an update, what changed; with what it was", () => {
    assert.deepEqual(highlights(update), [{ column: "status", before: "open", after: "paid", changed: true }]);
    assert.deepEqual(fields(update).map(({ column, changed }) => [column, changed]), [["id", false], ["status", true], ["note", false]]);
  });

  test("without `changed`, what differs; without the old row, the whole new one but the id", () => {
    const { changed, ...without } = update;
    assert.deepEqual(highlights(without as DataChangeEvent).map(({ column }) => column), ["status"]);
    const { old, ...unknown } = without;
    assert.deepEqual(highlights(unknown as DataChangeEvent), [
      { column: "status", after: "paid", changed: false },
      { column: "note", after: null, changed: false },
    ]);
  });

  test("of a delete, the row that was; of a truncate, nothing", () => {
    const gone = { resource: "orders", operation: "delete", id: 7, data: null, old: { id: 7, status: "paid" }, position: "p" } as DataChangeEvent;
    assert.deepEqual(highlights(gone), [{ column: "status", before: "paid", changed: false }]);
    assert.deepEqual(highlights({ resource: "orders", operation: "truncate", position: "p" } as DataChangeEvent), []);
  });

  test("values, ids, numbers and durations are short", () => {
    assert.equal(text("plain"), "plain");
    assert.equal(text({ a: [1] }), '{"a":[1]}');
    assert.equal(text("x".repeat(100), 10), `${"x".repeat(9)}…`);
    assert.deepEqual([null, undefined, 0, "a,b"].map(idText), ["", "", "0", "a,b"]);
    assert.deepEqual([0, 7, 12.34, 999, 999.7, 1234, 1234567, 2e9].map(short), ["0", "7", "12.3", "999", "1.00 k", "1.23 k", "1.23 M", "2.00 G"]);
    assert.deepEqual([999, 4096].map(bytes), ["999 B", "4.10 kB"]);
    assert.deepEqual([0, 999, 61_000, 3_600_000, 90_061_000].map(duration), ["0 ms", "999 ms", "1 min 1 s", "1 h", "1 d 1 h"]);
  });
});

describe("a feed", () => {
  test("keeps the newest, in order, and tells at most ten times a second", async () => {
    const feed = new Feed();
    let told = 0;
    feed.version.listen(() => told++);
    for (let n = 0; n < CAPACITY + 500; n++) {
      feed.add({ kind: "trouble", channel: "c", text: String(n) });
    }
    const texts = feed.newestFirst(Infinity, () => true).map((entry) => entry.kind === "trouble" && entry.text);
    assert.equal(texts.length, CAPACITY);
    assert.deepEqual([texts[0], texts.at(-1)], [String(CAPACITY + 499), "500"]);
    assert.equal(feed.at(499), undefined);
    assert.equal(feed.at(500)?.seq, 500);
    assert.deepEqual(feed.newestFirst(503, ({ seq }) => seq !== 501).map(({ seq }) => seq), [502, 500]);
    assert.equal(told, 0);
    await new Promise<void>((resolve) => feed.version.listen(() => resolve()));
    assert.equal(told, 1);
    feed.clear();
    assert.deepEqual(feed.newestFirst(Infinity, () => true), []);
    assert.equal(feed.next, CAPACITY + 500);
  });

  test("takes what a person wants to see, and of a snapshot no more than that", () => {
    const now = () => 1_000;
    const change = contentOf({ type: "data_change", channel: "resource:orders", payload: { ...update, committedAt: 990 } }, now);
    assert.equal(change?.kind === "change" && change.latencyMillis, 10);
    const rows = Array.from({ length: 300 }, (_, id) => ({ id }));
    const snapshot = contentOf({ type: "snapshot", channel: "c", payload: { rows, first: true, last: false } }, now);
    assert.deepEqual(snapshot?.kind === "snapshot" && [snapshot.count, snapshot.rows.length], [300, 100]);
    assert.equal(contentOf({ type: "subscribed", channel: "c", payload: {} }, now), undefined);
  });
});

test("the server's clock is that of the quickest answer", () => {
  const clock = new ServerClock();
  const offset = () => clock.now() - ServerClock.local();
  clock.answered(1_000, 1_400, 5_200);
  assert.ok(Math.abs(offset() - 4_000) < 5);
  clock.answered(2_000, 2_002, 5_001);
  assert.ok(Math.abs(offset() - 3_000) < 5);
  clock.answered(3_000, 3_400, 9_000);
  assert.ok(Math.abs(offset() - 3_000) < 5);
});

test("latencies are taken once, and one in ten may be slower than the second", () => {
  const latency = new Latency();
  assert.deepEqual(latency.take(), { median: null, slow: null });
  for (let millis = -5; millis < 95; millis++) {
    latency.add(millis);
  }
  assert.deepEqual(latency.take(), { median: 45, slow: 85 });
  for (let n = 0; n < 50_000; n++) {
    latency.add(n % 2 ? 1 : 3);
  }
  assert.equal(latency.take().slow, 3);
});

test("initials and colours stay the same for the same person", () => {
  assert.deepEqual(["Ann", "Amber Otter", "jo.van-dyk", "É"].map(initials), ["AN", "AO", "JD", "É"]);
  assert.equal(hue("ann"), hue("ann"));
  assert.notEqual(hue("ann"), hue("bob"));
  const hues = ["customers", "order_items", "orders", "products"].map(resourceHue);
  assert.equal(resourceHue("orders"), hues[2]);
  for (const [at, one] of hues.entries()) {
    for (const other of hues.slice(at + 1)) {
      assert.ok(Math.min(Math.abs(one - other), 360 - Math.abs(one - other)) > 50, "they are far from each other");
    }
  }
});
