import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { Bridge, type Browser, Network, noBridge, openBrowser, type Page, rowtide, visit } from "@rowtide/testing";
import { root, runFile, served } from "./started.js";

describe("the React app", { skip: noBridge }, () => {
  let bridge: Bridge;
  let browser: Browser;
  let server: Awaited<ReturnType<typeof served>>;
  const errors: string[] = [];

  before(async () => {
    bridge = new Bridge();
    await runFile(bridge, "examples/react/posts.sql");
    await bridge.start();
    browser = await openBrowser();
    server = await served();
  });

  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  after(async () => {
    await browser?.close();
    await server?.stop();
    await bridge?.stop();
    assert.deepEqual(errors, []);
  });

  const open = (user: string, url = bridge.url) => visit(browser, `${server.url}/react/?user=${user}&bridge=${url}`, errors);
  const titles = (page: Page) => page.locator("main > ul strong").allTextContents();
  /** What the page is to show. */
  const wanted = async () => JSON.parse(await bridge.sql("SELECT json_group_array(title) FROM (SELECT title FROM post ORDER BY id DESC LIMIT 50)")) as string[];

  async function settles(page: Page): Promise<void> {
    const texts = await wanted();
    await page.waitForFunction((texts) => [...document.querySelectorAll("main > ul strong")].map((title) => title.textContent).join("\n") === texts.join("\n"), texts);
  }

  test("its types are those that the database gives", async () => {
    const types = execFileSync(...rowtide("types", "--database", bridge.database), { encoding: "utf8" });
    assert.equal(types, readFileSync(`${root}examples/react/schema.ts`, "utf8"));
  });

  test("two people see the posts, each other, what changes, and a wave", async () => {
    const ann = await open("Ann");
    const bob = await open("Bob");
    for (const page of [ann, bob]) {
      await settles(page);
      await page.locator("body > #app > header").getByRole("img", { name: "Ann" }).waitFor();
      await page.locator("body > #app > header").getByRole("img", { name: "Bob" }).waitFor();
    }
    await bridge.sql("INSERT INTO post (title, body, author) VALUES ('New here', 'Hello!', 'Dora')");
    await ann.getByText("New here").waitFor();
    await bridge.sql("UPDATE post SET likes = likes + 1 WHERE id = 2");
    await bob.getByText("Bob · ♥ 6").waitFor();

    await ann.getByText("The ferry is back").click();
    await bob.getByText("The ferry is back").click();
    const article = ann.locator("article");
    await article.getByRole("img", { name: "Bob" }).waitFor();
    await bridge.sql("UPDATE post SET body = 'Every half hour.' WHERE id = 2");
    await article.getByText("Every half hour.").waitFor();
    await article.getByText("body changed").waitFor();
    assert.equal(await article.locator(".history li").count(), 1);
    await bob.getByRole("button", { name: "Close" }).click();
    await article.getByRole("img", { name: "Bob" }).waitFor({ state: "detached" });
    await bridge.sql("DELETE FROM post WHERE id = 2");
    await article.getByText("This post is gone").waitFor();

    await bob.getByRole("button", { name: "Wave" }).click();
    await ann.getByText("Bob waves to everybody").waitFor();
    await bob.context().close();
    await ann.locator("body > #app > header").getByRole("img", { name: "Bob" }).waitFor({ state: "detached" });
  });

  test("the network is cut and comes back, and the page shows what the database has", async () => {
    const network = new Network(() => bridge.port);
    await network.listen();
    try {
      const page = await open("Ann", `ws://127.0.0.1:${network.port}/realtime`);
      await settles(page);
      await page.getByText("The ferry").or(page.getByText("New here")).first().click();
      for (let round = 0; round < 3; round++) {
        network.cut("mended");
        await page.getByText("reconnecting").waitFor();
        const before = await titles(page);
        for (let n = 0; n < 20; n++) {
          await bridge.sql(`INSERT INTO post (title, body, author) VALUES ('cut ${round} ${n}', '', 'Ann')`);
          await bridge.sql(`UPDATE post SET title = title || '!' WHERE id = (SELECT max(id) - 5 FROM post)`);
          await bridge.sql(`DELETE FROM post WHERE id = (SELECT max(id) - 9 FROM post)`);
        }
        assert.deepEqual(await titles(page), before, "the old rows stay until the new ones are there");
        network.mend();
        await page.getByText("connected", { exact: true }).waitFor();
        await settles(page);
      }
    } finally {
      network.close();
    }
  });

  test("the bridge is killed and comes back after 60 s, and the page shows what the database has", async () => {
    const page = await open("Ann");
    await settles(page);
    await bridge.kill();
    await page.getByText("reconnecting").waitFor();
    for (let n = 0; n < 60; n++) {
      await bridge.sql(`INSERT INTO post (title, body, author) VALUES ('while it was down ${n}', '', 'Ann')`);
      await bridge.sql(`UPDATE post SET likes = likes + 1 WHERE id = (SELECT max(id) - 3 FROM post)`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    await bridge.start();
    // It tries again within 30 s.
    await page.getByText("connected", { exact: true }).waitFor({ timeout: 60_000 });
    await settles(page);
    await bridge.sql("INSERT INTO post (title, body, author) VALUES ('and after it', '', 'Ann')");
    await settles(page);
  });
});
