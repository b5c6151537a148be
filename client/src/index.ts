export { createRealtimeClient } from "./client.js";
export { RealtimeError, type RealtimeErrorCode } from "./errors.js";
export { realtimeClient } from "./plugin.js";
export type { Filter } from "./filter.js";
export type * from "./types.js";
