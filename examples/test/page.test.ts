import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Bridge, type Browser, noBridge, openBrowser, visit } from "@rowtide/testing";
import { served } from "./started.js";

describe("the plain page", { skip: noBridge }, () => {
  let bridge: Bridge;
  let browser: Browser;
  let server: Awaited<ReturnType<typeof served>>;
  const errors: string[] = [];

  before(async () => {
    bridge = new Bridge();
    await bridge.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT, note TEXT, total_cents INTEGER)");
    await bridge.sql("INSERT INTO orders VALUES (1, 'open', NULL, 1250), (2, 'paid', 'in a hurry', 990)");
    await bridge.start();
    browser = await openBrowser();
    server = await served();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await bridge?.stop();
    assert.deepEqual(errors, []);
  });

  test("shows the rows, what changes them, those with a status, and who else looks", async () => {
    const open = () => visit(browser, `${server.url}/page/?bridge=${bridge.url}`, errors);
    const ann = await open();
    await ann.getByRole("row", { name: "2 paid in a hurry 9.90" }).waitFor();
    await ann.getByText("connected").waitFor();
    await ann.getByText("Nobody else is looking").waitFor();
    const bob = await open();
    await ann.getByText("1 other looking at this page").waitFor();
    await bob.getByText("1 other looking at this page").waitFor();

    await bridge.sql("UPDATE orders SET status = 'shipped' WHERE id = 2");
    for (const page of [ann, bob]) {
      await page.getByRole("row", { name: "2 shipped in a hurry 9.90" }).waitFor();
    }
    await bridge.sql("INSERT INTO orders VALUES (3, 'open', '<i>fragile</i>', 5)");
    await ann.getByRole("row", { name: "3 open <i>fragile</i> 0.05" }).waitFor();
    assert.deepEqual(await ann.locator("#orders td:first-child").allTextContents(), ["3", "2", "1"]);

    await ann.getByLabel("Status").selectOption("open");
    await ann.getByRole("row", { name: "2 shipped" }).waitFor({ state: "detached" });
    await bridge.sql("UPDATE orders SET status = 'paid' WHERE id = 1");
    await ann.getByRole("row", { name: "1 open" }).waitFor({ state: "detached" });
    assert.deepEqual(await ann.locator("#orders td:first-child").allTextContents(), ["3"]);
    await bob.context().close();
    await ann.getByText("Nobody else is looking").waitFor();
  });
});
