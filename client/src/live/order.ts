import type { ColumnOf } from "../types.js";

export type Direction = "asc" | "desc";

/** A column, columns with their directions in the order in which they are written, a list of both, or a comparison. */
export type OrderBy<Row> =
  | ColumnOf<Row>
  | { readonly [Column in ColumnOf<Row>]?: Direction }
  | readonly (ColumnOf<Row> | { readonly [Column in ColumnOf<Row>]?: Direction })[]
  | ((a: Row, b: Row) => number);

/** Where NULL stands when the order is ascending: at the end as in PostgreSQL, or at the beginning as in SQLite. */
export type Nulls = "first" | "last";

/** By code points, as a database in UTF-8 orders bytes; JavaScript itself compares UTF-16, where what is beyond U+FFFF comes before U+E000. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    let one = a.charCodeAt(at);
    let other = b.charCodeAt(at);
    if (one !== other) {
      // Surrogates are moved behind all others.
      one += one >= 0xe000 ? -0x800 : one >= 0xd800 ? 0x2000 : 0;
      other += other >= 0xe000 ? -0x800 : other >= 0xd800 ? 0x2000 : 0;
      return one - other;
    }
  }
  return a.length - b.length;
}

/** Two values of a column, neither of them NULL. Where a column has both, as SQLite allows, numbers come before texts. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") {
    return compareTexts(a, b);
  }
  if (typeof a === "string" || typeof b === "string") {
    return typeof a === "string" ? 1 : -1;
  }
  const [one, other] = [a as number, b as number];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The comparison of rows that `orderBy` means; rows that are equal by it stay equal here. */
export function comparison<Row>(orderBy: OrderBy<Row> | undefined, nulls: Nulls = "last"): (a: Row, b: Row) => number {
  if (typeof orderBy === "function") {
    return orderBy;
  }
  const parts = (Array.isArray(orderBy) ? orderBy : orderBy === undefined ? [] : [orderBy]) as (string | Record<string, Direction>)[];
  const columns = parts.flatMap((part): [string, Direction][] => (typeof part === "string" ? [[part, "asc"]] : Object.entries(part)));
  const nullSign = nulls === "last" ? 1 : -1;
  return (a, b) => {
    for (const [column, direction] of columns) {
      const one = a[column as keyof Row] ?? null;
      const other = b[column as keyof Row] ?? null;
      const order =
        one === null || other === null ? (one === other ? 0 : one === null ? nullSign : -nullSign) : compareValues(one, other);
      if (order !== 0) {
        return direction === "desc" ? -order : order;
      }
    }
    return 0;
  };
}
