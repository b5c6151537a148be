import { compareValues } from "./order.js";

interface Held<Row> {
  id: unknown;
  row: Row;
}

/** Rows by id, in an order. Rows that are equal in it are ordered by id. */
export class Rows<Row> {
  readonly #byId = new Map<unknown, Held<Row>>();
  readonly #sorted: Held<Row>[] = [];

  constructor(readonly compare: (a: Row, b: Row) => number) {}

  get(id: unknown): Row | undefined {
    return this.#byId.get(id)?.row;
  }

  put(id: unknown, row: Row): void {
    this.delete(id);
    const held = { id, row };
    this.#byId.set(id, held);
    this.#sorted.splice(this.#placeOf(held), 0, held);
  }

  delete(id: unknown): void {
    const held = this.#byId.get(id);
    if (held) {
      this.#byId.delete(id);
      this.#sorted.splice(this.#placeOf(held), 1);
    }
  }

  clear(): void {
    this.#byId.clear();
    this.#sorted.length = 0;
  }

  first(limit = Infinity): Row[] {
    return this.#sorted.slice(0, limit).map(({ row }) => row);
  }

  /** Where it is, or would be. */
  #placeOf(held: Held<Row>): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#sorted[middle]!;
      if ((this.compare(other.row, held.row) || compareValues(other.id, held.id)) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
