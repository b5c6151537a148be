export type { Browser, BrowserContextOptions, Page } from "playwright-core";
export { Bridge, noBridge, noPostgres, rowtide } from "./bridge.js";
export { openBrowser } from "./browser.js";
export { Network } from "./network.js";
export { visit } from "./visit.js";
