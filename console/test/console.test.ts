// The console as people use it: a real Chromium, the real bridge, a real database.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { Bridge, type Browser, type BrowserContextOptions, Network, noBridge, openBrowser, type Page, visit } from "@rowtide/testing";

describe("the console", { skip: noBridge }, () => {
  let bridge: Bridge;
  let browser: Browser;
  const errors: string[] = [];

  before(async () => {
    [bridge, browser] = [new Bridge(), await openBrowser()];
    await bridge.sql("PRAGMA journal_mode = wal");
    await bridge.sql("PRAGMA synchronous = off");
    await bridge.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT, note TEXT)");
    await bridge.sql("CREATE TABLE ticks (id INTEGER PRIMARY KEY, price REAL)");
    await bridge.sql("INSERT INTO orders VALUES (1, 'open', NULL), (2, 'paid', 'in a hurry')");
    await bridge.start();
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await bridge?.stop();
    assert.deepEqual(errors, []);
  });

  /** Somebody with a browser of their own looks at it. */
  const open = (options: BrowserContextOptions = {}, port = bridge.port) => visit(browser, `http://127.0.0.1:${port}/`, errors, options);

  /** Once every resource is subscribed to, what is committed comes. */
  async function ready(page: Page): Promise<void> {
    await page.locator(".channels .name", { hasText: "resource:orders" }).waitFor();
    await page.locator(".channels .name", { hasText: "resource:ticks" }).waitFor();
    await page.getByTitle("This page's own connection").and(page.getByText("connected", { exact: true })).waitFor();
  }

  const rows = (page: Page) => page.locator(".stream .row");

  test("a commit appears with what was and what is, and all of it on demand, by keyboard", async () => {
    const page = await open();
    await ready(page);
    await bridge.sql("UPDATE orders SET status = 'shipped' WHERE id = 2");
    const row = rows(page).filter({ hasText: "orders 2" });
    await row.waitFor();
    assert.equal(await row.locator("del").textContent(), "paid");
    assert.equal(await row.locator("ins").textContent(), "shipped");
    assert.equal(await row.locator(".op").textContent(), "update");

    await bridge.sql("INSERT INTO orders VALUES (3, 'open', 'a <b>bold</b> one')");
    await bridge.sql("DELETE FROM orders WHERE id = 3");
    await rows(page).nth(2).waitFor();
    await page.locator(".list").focus();
    for (const key of ["ArrowDown", "j", "ArrowDown", "Enter"]) {
      await page.keyboard.press(key);
    }
    const details = page.locator(".details");
    await details.waitFor();
    assert.match((await details.locator("h2").textContent())!, /update\s+orders 2/);
    const changed = details.locator("tr.changed");
    assert.deepEqual(await changed.locator("th, td").allTextContents(), ["status", "paid", "shipped"]);
    await page.keyboard.press("Escape");
    await details.waitFor({ state: "detached" });
    await rows(page).filter({ hasText: "a <b>bold</b> one" }).first().waitFor();
  });

  test("who reads is not disturbed: the stream is held, and goes on where it is wanted", async () => {
    const page = await open();
    await ready(page);
    await bridge.sql("UPDATE orders SET note = 'first' WHERE id = 1");
    await rows(page).filter({ hasText: "first" }).waitFor();
    await page.keyboard.press("Space");
    await bridge.sql("UPDATE orders SET note = 'second' WHERE id = 1");
    await page.getByText("↑ 1 newer").waitFor();
    assert.equal(await rows(page).filter({ hasText: "second" }).count(), 0);
    await page.keyboard.press("Space");
    await rows(page).filter({ hasText: "second" }).waitFor();
    await page.locator(".tools").getByText("update").click();
    await rows(page).first().waitFor({ state: "detached" });
  });

  test("two people see each other come, get another name, and go", async () => {
    const ann = await open();
    const bob = await open();
    await ann.locator(".visitors .avatar").nth(1).waitFor();
    await bob.locator(".visitors .avatar").nth(1).waitFor();
    await ann.locator(".avatar.me").click();
    await ann.getByLabel("Your name").fill("Ann Lee");
    await ann.keyboard.press("Enter");
    await bob.getByRole("img", { name: "Ann Lee" }).first().waitFor();
    assert.equal(await bob.getByRole("img", { name: "Ann Lee" }).first().textContent(), "AL");
    await ann.reload();
    await ann.getByTitle("Ann Lee (you)").waitFor();
    await ann.context().close();
    await bob.locator(".visitors .avatar").nth(1).waitFor({ state: "detached" });
  });

  test("a subscription by hand: what is wrong is said, then the rows, then what changes them", async () => {
    const page = await open();
    await ready(page);
    await page.keyboard.press("s");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Channel").fill("resource:orders");
    await dialog.getByLabel("Filter, JSON").fill("{status: open}");
    const subscribe = dialog.getByRole("button", { name: "Subscribe" });
    await subscribe.click();
    await dialog.getByText("The filter is no JSON").waitFor();
    await dialog.getByLabel("Filter, JSON").fill('{"statos": "open"}');
    await subscribe.click();
    await dialog.getByText('there is no column "statos"').waitFor();
    await dialog.getByLabel("Filter, JSON").fill('{"status": "open"}');
    await dialog.getByText("note", { exact: true }).click();
    await dialog.getByText("status", { exact: true }).click();
    await dialog.getByLabel("Snapshot").check();
    await subscribe.click();
    await dialog.waitFor({ state: "detached" });
    await rows(page).filter({ hasText: "snapshot" }).filter({ hasText: "complete" }).waitFor();
    await bridge.sql("UPDATE orders SET note = 'seen' WHERE id = 1");
    await rows(page).filter({ hasText: "seen" }).waitFor();
    await bridge.sql("UPDATE orders SET status = 'closed' WHERE id = 1");
    await rows(page).filter({ hasText: "delete" }).filter({ hasText: "orders 1" }).waitFor();
    await page.keyboard.press("1");
    await rows(page).filter({ hasText: "closed" }).waitFor();

    // From a change that is shown: what came after it.
    await rows(page).filter({ hasText: "seen" }).click();
    await page.getByRole("button", { name: "Everything since" }).click();
    await subscribe.click();
    await page.locator(".tab [aria-current]", { hasText: "since" }).waitFor();
    await rows(page).filter({ hasText: "closed" }).waitFor();
    assert.equal(await rows(page).count(), 1);
    await page.getByLabel("Unsubscribe from resource:orders").last().click();
    await page.locator(".tab [aria-current]", { hasText: "All changes" }).waitFor();
  });

  test("a broadcast reaches who is in the channel, and what may not be sent is said", async () => {
    const ann = await open();
    const bob = await open();
    await ready(bob);
    await bob.keyboard.press("s");
    await bob.getByRole("dialog").getByLabel("Channel").fill("lobby");
    await bob.getByRole("dialog").getByRole("button", { name: "Subscribe" }).click();
    await bob.getByText("Nothing has come on lobby yet.").waitFor();
    await ready(ann);
    await ann.keyboard.press("b");
    await ann.keyboard.type("lobby");
    assert.equal(await ann.getByRole("region", { name: "Send" }).getByLabel("Channel").inputValue(), "lobby");
    const payload = ann.getByLabel("Payload, JSON");
    await payload.fill("{ no }");
    await payload.press("Control+Enter");
    await ann.getByText("This is no JSON").waitFor();
    await payload.fill('{ "text": "tide is in" }');
    await payload.press("Control+Enter");
    await ann.getByText("Sent to lobby").waitFor();
    await rows(bob).filter({ hasText: "tide is in" }).waitFor();
    await ann.getByRole("region", { name: "Send" }).getByLabel("Channel").fill("resource:orders");
    await payload.press("Control+Enter");
    await ann.locator(".card.send .wrong").waitFor();
  });

  test("the network is cut and comes back, and nothing is lost and nothing comes twice", async () => {
    const network = new Network(() => bridge.port);
    await network.listen();
    try {
      const page = await open({}, network.port);
      await ready(page);
      await bridge.sql("INSERT INTO ticks VALUES (1, 1.5)");
      await page.getByText("1 so far").waitFor();
      network.cut("mended");
      await page.getByTitle("This page's own connection").and(page.getByText("reconnecting")).waitFor();
      for (let id = 2; id <= 40; id++) {
        await bridge.sql(`INSERT INTO ticks VALUES (${id}, 2.5)`);
      }
      network.mend();
      await page.getByText("40 so far").waitFor();
      await bridge.sql("INSERT INTO ticks VALUES (41, 3.5)");
      await page.getByText("41 so far").waitFor();
      await page.locator(".list").evaluate((list) => list.scrollTo(0, 0));
      assert.match((await rows(page).first().textContent())!, /ticks 41/);
    } finally {
      network.close();
    }
  });

  test("a restart of the bridge after 60 s is survived", async () => {
    const page = await open();
    await ready(page);
    await bridge.sql("INSERT INTO ticks VALUES (100, 1)");
    await page.getByText("1 so far").waitFor();
    await bridge.kill();
    for (let id = 101; id <= 120; id++) {
      await bridge.sql(`INSERT INTO ticks VALUES (${id}, 2)`);
    }
    await page.getByText("unreachable").waitFor();
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    await bridge.start();
    // It tries again within 30 s.
    await page.getByText("21 so far").waitFor({ timeout: 60_000 });
    await page.locator(".pill", { hasText: "flowing" }).waitFor();
    await bridge.sql("INSERT INTO ticks VALUES (121, 3)");
    await page.getByText("22 so far").waitFor();
  });

  test("5,000 changes a second do not freeze it", async () => {
    const page = await open();
    await ready(page);
    const first = 1_000_000;
    const batch = 250;
    let written = 0;
    let enough = false;
    const flood = (async () => {
      const began = Date.now();
      for (; !enough || written < 30_000; written += batch) {
        const id = first + written;
        await bridge.sql(`WITH RECURSIVE n(i) AS (SELECT ${id} UNION ALL SELECT i + 1 FROM n WHERE i < ${id + batch - 1}) INSERT INTO ticks SELECT i, i / 7.0 FROM n`);
        // Twenty times a second, as far as the machine can.
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + (written / batch + 1) * 50 - Date.now())));
      }
    })();
    // While they come, it does what it is told.
    await page.locator(".tools .note", { hasText: "k so far" }).waitFor();
    for (let round = 0; round < 3; round++) {
      await page.keyboard.press("Space");
      await page.getByText(/↑ .* newer/).waitFor();
      await rows(page).nth(3).click();
      await page.locator(".details h2", { hasText: "ticks" }).waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Space");
      await page.getByRole("button", { name: "Hold" }).waitFor();
    }
    enough = true;
    await flood;
    await rows(page).filter({ hasText: `ticks ${first + written - 1}` }).waitFor();
    await page.locator(`.tools .note[data-count="${written}"]`).waitFor();
    assert.ok((await rows(page).count()) < 100, "only what is on the screen is in the page");
  });

  test("on a phone one part is shown at a time; light and dark are the system's, until chosen", async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });
    await page.locator(".stream").waitFor();
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    for (const [part, region] of [["Channels", "Channels"], ["Source", "Source"], ["Send", "Send"], ["Changes", "Changes"]] as const) {
      await page.getByRole("navigation").getByText(part).click();
      await page.getByRole("region", { name: region, exact: true }).waitFor();
      assert.equal(await page.locator("main > .card:visible, aside > .card:visible").count(), 1, part);
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await page.getByLabel("Theme: system").click();
    assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
  });

  test("nothing keeps people from reading it, as far as rules can tell (WCAG 2 A and AA)", async () => {
    const rules = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    for (const [colorScheme, width] of [["light", 1440], ["dark", 1440], ["light", 390]] as const) {
      const page = await open({ colorScheme, viewport: { width, height: 900 }, reducedMotion: "reduce" });
      const broken = async () => {
        await page.evaluate(rules);
        const { violations } = await page.evaluate(() => (globalThis as any).axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] }));
        return violations.map(({ id, nodes }: any) => `${id}: ${nodes.map(({ target, any }: any) => `${target} ${any[0]?.message}`).join(", ")}`);
      };
      await page.locator(".stream").waitFor();
      await page.locator(".channels .name", { hasText: "resource:ticks" }).waitFor({ state: "attached" });
      await page.locator(".channels .name", { hasText: "resource:orders" }).waitFor({ state: "attached" });
      await bridge.sql("INSERT INTO orders VALUES (50, 'open', NULL)");
      await bridge.sql("UPDATE orders SET status = 'paid' WHERE id = 50");
      await bridge.sql("DELETE FROM orders WHERE id = 50");
      await rows(page).nth(2).waitFor();
      assert.deepEqual(await broken(), []);
      await rows(page).filter({ hasText: "update" }).click();
      await page.locator(".details").waitFor();
      assert.deepEqual(await broken(), []);
      await page.keyboard.press("s");
      await page.getByRole("dialog").waitFor();
      assert.deepEqual(await broken(), []);
    }
  });

  test("the source's state, its log and its resources are told", async () => {
    const page = await open();
    const source = page.getByRole("region", { name: "Source" });
    await source.getByText("write-ahead log of app.db").waitFor();
    await source.getByText("orders, ticks").waitFor();
    await bridge.sql("CREATE TABLE parcels (id INTEGER PRIMARY KEY, town TEXT)");
    await bridge.sql("INSERT INTO parcels VALUES (1, 'Oslo')");
    await source.getByText("parcels").waitFor();
    await page.locator(".channels .name", { hasText: "resource:parcels" }).waitFor();
    await bridge.sql("INSERT INTO parcels VALUES (2, 'Bergen')");
    await rows(page).filter({ hasText: "Bergen" }).waitFor();
  });

  test("with authentication it asks for a service token, and takes no other", async (t) => {
    const guarded = new Bridge();
    t.after(() => guarded.stop());
    await guarded.sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT)");
    const config = join(guarded.folder, "rowtide.yaml");
    writeFileSync(config, "auth:\n  mode: tokens\n  tokens:\n    - {token: of-a-user, user-id: ann}\n    - {token: of-a-service, user-id: ops, name: Ops, service: true}\n");
    await guarded.start("--config", config);
    const page = await open({}, guarded.port);
    const token = page.getByLabel("Service token");
    await token.fill("wrong");
    await token.press("Enter");
    await page.getByRole("alert").waitFor();
    await token.fill("of-a-user");
    await token.press("Enter");
    await page.getByText("This needs a service credential").waitFor();
    await token.fill("of-a-service");
    await token.press("Enter");
    await page.locator(".channels .name", { hasText: "resource:orders" }).waitFor();
    await guarded.sql("INSERT INTO orders VALUES (1, 'open')");
    await rows(page).filter({ hasText: "orders 1" }).waitFor();
    await page.locator(".visitors").getByRole("img", { name: "Ops" }).waitFor();
    assert.equal(await page.locator(".visitors .avatar").count(), 1);
    await page.reload();
    await page.locator(".stream").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await token.waitFor();
    await page.reload();
    await token.waitFor();

    await page.goto(`http://127.0.0.1:${guarded.port}/#token=of-a-service`);
    await page.reload();
    await page.locator(".stream").waitFor();
    assert.equal(new URL(page.url()).hash, "");
  });
});
