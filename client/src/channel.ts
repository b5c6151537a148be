import type { RecordKey } from "./types.js";

/** The channel of a record, with the id as the server writes it. */
export function channelOf(resource: string, id: RecordKey): string {
  return `${resource}:${Array.isArray(id) ? id.map((part) => `${part}`.replace(/[%,]/g, encodeURIComponent)).join(",") : id}`;
}
