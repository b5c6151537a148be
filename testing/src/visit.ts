import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** What the browser itself says of a network that is not there. */
const NETWORK = /WebSocket connection|Failed to load resource|net::ERR/;

/** A page of somebody's own, in a browser of their own. What goes wrong in it is added to `errors`. */
export async function visit(browser: Browser, url: string, errors: string[], options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !NETWORK.test(message.text())) {
      errors.push(message.text());
    }
  });
  await page.goto(url);
  return page;
}
