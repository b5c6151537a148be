export type { Browser, BrowserContextOptions, Page } from "playwright-core";
export { Bridge, noBridge, noPostgres, rowtide } from "./bridge.js";
export { openBrowser } from "./browser.js";
export { Proxy } from "./proxy.js";
export { visit } from "./visit.js";
