// For pages without a build step: all but the hooks, which scripts/bundle.mjs puts into one file.
export * from "./index.js";
export * from "./live/index.js";
