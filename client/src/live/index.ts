export { liveQuery, type LiveQuery, type LiveQueryOptions, type LiveQueryStatus } from "./live-query.js";
export type { Direction, Nulls, OrderBy } from "./order.js";
