import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Bridge, noBridge } from "@rowtide/testing";
import { Started } from "./started.js";

describe("the Node script", { skip: noBridge }, () => {
  test("prints what changes, survives a kill of the bridge, and misses nothing while it is not running", async (t) => {
    const bridge = new Bridge();
    t.after(() => bridge.stop());
    await bridge.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT, note TEXT)");
    await bridge.start();
    const start = () => new Started("examples/node/orders.mjs", [bridge.url, join(bridge.folder, "position")]);
    const subscribed = async () => {
      while (!(await (await fetch(`http://127.0.0.1:${bridge.port}/realtime/stats`)).text()).includes("resource:orders")) {}
    };

    const first = start();
    await subscribed();
    await bridge.sql("INSERT INTO orders VALUES (1, 'open', NULL)");
    await first.line(/^create 1: \{"id":1,"status":"open","note":null\}$/);
    await bridge.sql("UPDATE orders SET status = 'paid', note = 'soon' WHERE id = 1");
    await first.line(/^update 1: status open -> paid, note null -> soon$/);
    await bridge.kill();
    await bridge.sql("INSERT INTO orders VALUES (2, 'open', NULL)");
    await bridge.start();
    await first.line(/^create 2:/);
    assert.equal(await first.kill("SIGINT"), 0);

    await bridge.sql("DELETE FROM orders WHERE id = 1");
    await bridge.sql("INSERT INTO orders VALUES (3, 'open', NULL)");
    const second = start();
    await second.line(/^create 3:/);
    assert.equal(await second.kill("SIGINT"), 0);
    assert.deepEqual(second.lines, ['delete 1: {"id":1,"status":"paid","note":"soon"}', 'create 3: {"id":3,"status":"open","note":null}']);
    assert.equal(first.lines.length, 3);
  });
});
