import { atom, onMount, type ReadableAtom } from "nanostores";
import { type Environment, platform } from "../environment.js";
import type { RealtimeError } from "../errors.js";
import type { Filter } from "../filter.js";
import { type Kept, keep } from "../keep.js";
import type { ColumnOf, Columns, DataChangeEvent, RealtimeClient, RealtimeMessage, ResourceOf, SnapshotEvent } from "../types.js";
import { comparison, type Nulls, type OrderBy } from "./order.js";
import { Rows } from "./rows.js";

/** Changes are shown at most this often, in milliseconds; what belongs to one transaction and comes within it is shown together. */
const FRAME = 16;

export interface LiveQueryOptions<Row, Column extends string = ColumnOf<Row>> {
  /** Which rows; all if it is left out. */
  where?: Filter<Row>;
  orderBy?: OrderBy<Columns<Row, Column>>;
  /** How many of them are shown. All that match are held, since any of them may move up. */
  limit?: number;
  /** Which columns; those that `orderBy` names must be among them. */
  columns?: readonly Column[];
  /** Where NULL stands in ascending order; `last` by default. */
  nulls?: Nulls;
}

export type LiveQueryStatus =
  /** The rows have not come yet. */
  | { state: "loading"; error?: undefined }
  /** The rows are those of the database, or were when the connection broke; `atoms.connectionState` tells which. */
  | { state: "ready"; error?: undefined }
  /** The server refuses: there are no rows. */
  | { state: "failed"; error: RealtimeError };

/** The rows, as long as somebody listens. */
export interface LiveQuery<Row> extends ReadableAtom<readonly Row[]> {
  status: ReadableAtom<LiveQueryStatus>;
}

/** Who asks the same shares a query, as long as somebody holds it. */
const shared = new WeakMap<RealtimeClient<any>, Map<string, WeakRef<LiveQuery<any>>>>();

/** The rows of a resource that match, kept equal to the database's answer. */
export function liveQuery<Schema, Resource extends ResourceOf<Schema>, Column extends ColumnOf<Schema[Resource]> = ColumnOf<Schema[Resource]>>(
  client: RealtimeClient<Schema>,
  resource: Resource,
  options: LiveQueryOptions<Schema[Resource], Column> = {},
): LiveQuery<Columns<Schema[Resource], Column>> {
  if (typeof options.orderBy === "function") {
    return createLiveQuery(client, resource, options, platform);
  } // A function cannot be compared with another.
  let queries = shared.get(client);
  if (!queries) {
    shared.set(client, (queries = new Map()));
  }
  const { where, orderBy, limit, columns, nulls } = options;
  const key = JSON.stringify([resource, where, orderBy, limit, columns, nulls]);
  const known = queries.get(key)?.deref();
  if (known) {
    return known;
  }
  const query = createLiveQuery<Columns<Schema[Resource], Column>>(client, resource, options, platform);
  const share = () => void queries.set(key, new WeakRef(query));
  share();
  onMount(query, () => {
    share();
    return () => void queries.delete(key);
  });
  return query;
}

/** The same with other surroundings, for this one caller. */
export function createLiveQuery<Row>(
  client: RealtimeClient<any>,
  resource: string,
  options: LiveQueryOptions<any, any>,
  environment: Environment,
): LiveQuery<Row> {
  const { where, orderBy, limit, columns, nulls } = options;
  const shown = atom<readonly Row[]>([]);
  const status = atom<LiveQueryStatus>({ state: "loading" });
  const compare = comparison<Row>(orderBy as OrderBy<Row>, nulls);
  let rows = new Rows<Row>(compare);
  /** Those of a snapshot that is not complete yet: until then the old ones are shown. */
  let coming: Rows<Row> | undefined;
  let kept: Kept | undefined;
  let cancelFrame: (() => void) | undefined;
  let changed = false;

  function take(message: RealtimeMessage): void {
    if (message.type === "snapshot") {
      takeSnapshot(message.payload);
    } else if (message.type === "data_change") {
      takeChange(message.payload);
    } else if (message.type === "gap") {
      kept!.again();
    }
  }

  function takeSnapshot({ rows: some, ids, first, last }: SnapshotEvent<Row>): void {
    if (first) {
      coming = new Rows(compare);
    }
    some.forEach((row, at) => {
      const id = ids ? ids[at] : (row as { id?: unknown }).id;
      const known = rows.get(id);
      // What did not change stays the same object, and is not drawn again.
      coming!.put(id, known && JSON.stringify(known) === JSON.stringify(row) ? known : row);
    });
    if (last) {
      rows = coming!;
      coming = undefined;
      show();
      if (status.get().state !== "ready") {
        status.set({ state: "ready" });
      }
    }
  }

  function takeChange(event: DataChangeEvent<Row>): void {
    if (event.operation === "truncate") {
      rows.clear();
    } else if (event.operation === "delete") {
      rows.delete(event.id);
    } else {
      const known = rows.get(event.id);
      const row = { ...event.data };
      for (const column of (event.unchanged ?? []) as (keyof Row)[]) {
        if (!known || !(column in (known as object))) {
          kept!.again(); // The log does not have it and neither have we.
          return;
        }
        row[column] = known[column];
      }
      rows.put(event.id, row);
    }
    changed = true;
    if (!cancelFrame && event.transaction?.last !== false) {
      show();
    }
    cancelFrame ??= environment.after(FRAME, frame);
  }

  function frame(): void {
    cancelFrame = undefined;
    if (changed) {
      show();
      cancelFrame = environment.after(FRAME, frame);
    }
  }

  function show(): void {
    changed = false;
    const next = rows.first(limit);
    const now = shown.get();
    if (next.length !== now.length || next.some((row, at) => row !== now[at])) {
      shown.set(next);
    }
  }

  function fail(error: RealtimeError): void {
    rows = new Rows(compare);
    show();
    status.set({ state: "failed", error });
  }

  onMount(shown, () => {
    kept = keep(client, `resource:${resource}`, take, { filter: where, columns, snapshot: true, presence: "none" }, fail, environment);
    return () => {
      kept!.stop();
      cancelFrame?.();
      cancelFrame = coming = undefined;
      rows = new Rows(compare);
      shown.set([]);
      status.set({ state: "loading" });
    };
  });
  return Object.assign(shown as ReadableAtom<readonly Row[]>, { status });
}
