import type { ReadableAtom } from "nanostores";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { channelOf } from "./channel.js";
import type { RealtimeError } from "./errors.js";
import { keep } from "./keep.js";
import { liveQuery, type LiveQueryOptions, type LiveQueryStatus } from "./live/index.js";
import type {
  ChannelOptions,
  ColumnOf,
  Columns,
  ConnectionState,
  DataChangeEvent,
  OnlineUser,
  PresenceUpdateEvent,
  RealtimeClient,
  RealtimeMessage,
  RecordKey,
  ResourceOf,
  RowOptions,
  WatchOptions,
} from "./types.js";

const NOBODY: OnlineUser[] = [];
const NO_ROWS: readonly never[] = [];

/** Without `get`, which would wake up an atom that nobody listens to, while rendering. */
function useAtom<Value>(atom: ReadableAtom<Value>, before: Value): Value {
  const current = () => (atom.value ?? before) as Value;
  return useSyncExternalStore(useCallback((changed: () => void) => atom.listen(changed), [atom]), current, () => before);
}

/**
 * Watches a channel while the component is there. Callbacks may be others in each render, the newest are called; everything else in the options counts by its value. A channel that is
 * undefined is not watched. Returns why it cannot be, if it cannot.
 */
function useChannel(
  client: RealtimeClient<any>,
  channel: string | undefined,
  callbacks: Record<string, ((payload: any) => void) | undefined>,
  options: WatchOptions = {},
): RealtimeError | undefined {
  const [error, setError] = useState<RealtimeError>();
  const newest = useRef(callbacks);
  useEffect(() => {
    newest.current = callbacks;
  });
  const key = JSON.stringify(options);
  useEffect(() => {
    if (channel === undefined) {
      return;
    }
    setError(undefined);
    const listener = ({ type, payload }: RealtimeMessage) => {
      const callback = newest.current[type];
      callback?.(payload);
      return !!callback;
    };
    return keep(client, channel, listener, JSON.parse(key), (reason) => {
      setError(reason);
      newest.current["error"]?.(reason);
    }).stop;
  }, [client, channel, key]);
  return error;
}

/** Calls back with the changes of a resource. Returns why they do not come, if they do not. */
export function useResource<Schema, Resource extends ResourceOf<Schema>, Column extends ColumnOf<Schema[Resource]> = ColumnOf<Schema[Resource]>>(
  client: RealtimeClient<Schema>,
  resource: Resource,
  callback: (event: DataChangeEvent<Columns<Schema[Resource], Column>>) => void,
  options: RowOptions<Schema[Resource], Column> = {},
): RealtimeError | undefined {
  const { onSnapshot, onGap, onError } = options;
  return useChannel(client, `resource:${resource}`, { data_change: callback, snapshot: onSnapshot, gap: onGap, error: onError }, options);
}

/** Calls back with the changes of one record; of none while the id is null or undefined. */
export function useRecord<Schema, Resource extends ResourceOf<Schema>, Column extends ColumnOf<Schema[Resource]> = ColumnOf<Schema[Resource]>>(
  client: RealtimeClient<Schema>,
  resource: Resource,
  id: RecordKey | null | undefined,
  callback: (event: DataChangeEvent<Columns<Schema[Resource], Column>>) => void,
  options: RowOptions<Schema[Resource], Column> = {},
): RealtimeError | undefined {
  const { onSnapshot, onGap, onError } = options;
  const channel = id == null ? undefined : channelOf(resource, id);
  return useChannel(client, channel, { data_change: callback, snapshot: onSnapshot, gap: onGap, error: onError }, options);
}

export type LiveQueryResult<Row> = LiveQueryStatus & { rows: readonly Row[] };

/** The rows of a live query, with its status. Components that ask the same share it. */
export function useLiveQuery<Schema, Resource extends ResourceOf<Schema>, Column extends ColumnOf<Schema[Resource]> = ColumnOf<Schema[Resource]>>(
  client: RealtimeClient<Schema>,
  resource: Resource,
  options: LiveQueryOptions<Schema[Resource], Column> = {},
): LiveQueryResult<Columns<Schema[Resource], Column>> {
  // A function in `orderBy` counts by its identity: it should not be another in each render.
  const { orderBy } = options;
  const key = JSON.stringify(options);
  const query = useMemo(
    () => liveQuery<Schema, Resource, Column>(client, resource, options),
    [client, resource, key, typeof orderBy === "function" ? orderBy : undefined],
  );
  const rows = useAtom(query, NO_ROWS);
  const status = useAtom(query.status, LOADING);
  return useMemo(() => ({ ...status, rows }), [status, rows]);
}

const LOADING: LiveQueryStatus = { state: "loading" };

/** Who is online on a channel, this user included unless `presence` is `none`. */
export function usePresence(
  client: RealtimeClient<any>,
  channel: string,
  options: ChannelOptions & { onChange?: (event: PresenceUpdateEvent) => void } = {},
): OnlineUser[] {
  const { onChange, onError, ...rest } = options;
  useChannel(client, channel, { presence_update: onChange, error: onError }, { ...rest, rows: false });
  return useAtom(client.atoms.onlineUsers, NO_CHANNELS).get(channel) ?? NOBODY;
}

const NO_CHANNELS: ReadonlyMap<string, OnlineUser[]> = new Map();

export function useConnectionState(client: RealtimeClient<any>): ConnectionState {
  return useAtom(client.atoms.connectionState, "disconnected");
}

/** Returns what sends to a channel; calls back with what others send, if there is a callback. */
export function useBroadcast<Payload = any>(
  client: RealtimeClient<any>,
  channel: string,
  callback?: (payload: Payload) => void,
  options: ChannelOptions = {},
): (payload: Payload, options?: { self?: boolean }) => Promise<void> {
  const { onError, ...rest } = options;
  useChannel(client, callback && channel, { broadcast: callback, error: onError }, { presence: "none", ...rest, rows: false });
  return useCallback((payload, sending) => client.broadcast(channel, payload, sending), [client, channel]);
}
