import type { ReadableAtom } from "nanostores";
import type { RealtimeError } from "./errors.js";
import type { Filter } from "./filter.js";

/** Which resources there are, and what their rows look like: `{ post: Post; comment: Comment }`. */
export type AnySchema = Record<string, any>;
export type ResourceOf<Schema> = keyof Schema & string;
export type ColumnOf<Row> = keyof Row & string;

/** The chosen columns of a row. Untyped rows stay untyped. */
export type Columns<Row, Column> = 0 extends 1 & Row
  ? any
  : [keyof Row] extends [Column]
    ? Row
    : Pick<Row, Column & keyof Row>;

export type ConnectionState = "disconnected" | "connecting" | "connected" | "reconnecting";
export type Operation = "create" | "update" | "delete" | "truncate";
export type PresenceMode = "full" | "diff" | "none";
export type Unsubscribe = () => void;

/** A record's key; of a composite key the parts, in key order. */
export type RecordKey = string | number | bigint | readonly (string | number | bigint)[];

export interface RealtimeClientOptions {
  /** Where the server is, `ws://host:3001/realtime`; without it, `/realtime` on the host of `baseURL`, or of the page. */
  wsUrl?: string;
  baseURL?: string;
  /** Whether a connection that is lost is made again; true by default. */
  autoReconnect?: boolean;
  /** How often in a row that is tried; without a limit by default. */
  maxReconnectAttempts?: number;
  /** Milliseconds; the delay before the n-th attempt is random, below this times 2^n and below 30 s. 1000 by default. */
  reconnectDelay?: number;
  /** Milliseconds between heartbeats; 30000 by default. The server is taken for gone when it leaves one unanswered for 10 s. */
  heartbeatInterval?: number;
  /** The token, or what gets one; that is called for each connection, and before a JWT expires. */
  auth?: string | (() => string | Promise<string>);
  /** Logs every message. */
  debug?: boolean;
  /** What no call caused and no subscription handles: lost access, an unhandled gap, a callback that threw. `console.error` by default. */
  onError?: (error: RealtimeError) => void;
  /** Another implementation than the platform's. */
  WebSocket?: WebSocketConstructor;
}

/** As much of a WebSocket as is used here. */
export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

export type RealtimeMessageType =
  | "subscribed"
  | "data_change"
  | "snapshot"
  | "gap"
  | "presence_update"
  | "broadcast"
  | "error";

/** What comes on a channel, as it came, for `subscribe`. Other types may be added. */
export interface RealtimeMessage<Payload = any> {
  type: RealtimeMessageType;
  channel: string;
  payload: Payload;
  /** Of a broadcast: who sent it. */
  userId?: string;
  timestamp?: number;
}

type Named<Row> = 0 extends 1 & Row ? any : ColumnOf<Row>;

interface Change {
  resource: string;
  /** Where the change is in the database's order: opaque, equal for equal changes. */
  position: string;
  transaction?: { id: string; index: number; last: boolean };
  /** The commit's time by the database's clock, in milliseconds since 1970. */
  committedAt?: number;
}

/** One committed change of a row, or `truncate` of all rows. */
export type DataChangeEvent<Row = any> =
  | (Change & {
      operation: "create" | "update";
      id: any;
      /** The row as it is now, without the columns named in `unchanged`. */
      data: Row;
      old?: Partial<Row>;
      changed?: Named<Row>[];
      /** Columns that are missing in `data` because they did not change and the log left them out. */
      unchanged?: Named<Row>[];
    })
  | (Change & { operation: "delete"; id: any; data: null; old?: Partial<Row>; changed?: undefined; unchanged?: undefined })
  | (Change & { operation: "truncate"; id?: undefined; data?: undefined; old?: undefined; changed?: undefined; unchanged?: undefined });

/** Some of the present rows. They are followed by the changes that they do not contain. */
export interface SnapshotEvent<Row = any> {
  rows: Row[];
  /** The ids of the rows, as changes have them. */
  ids?: any[];
  /** True for the first part of a snapshot: it takes the place of all that was known. */
  first: boolean;
  /** True for the last part. */
  last: boolean;
  position: string;
}

/** Changes may have been missed: read the data anew. */
export interface GapEvent {
  since?: string;
  reason: "history_expired" | "epoch_changed" | "source_lost" | "permissions_changed" | "unknown_position";
  action: "resnapshot";
}

export interface OnlineUser {
  userId: string;
  metadata?: any;
}

export interface PresenceUpdateEvent {
  action: "join" | "leave" | "update";
  userId: string;
  metadata?: any;
  /** Who is online now; the server lists 100 at most. */
  onlineUsers: OnlineUser[];
  /** How many they are; always exact. */
  onlineCount: number;
}

export interface ChannelOptions {
  /** Whether others see this user on the channel, and how they are told of; `none`: neither. `full` by default. */
  presence?: PresenceMode;
  /** What others are shown about this user. */
  metadata?: object;
  /** The subscription has ended: the user may not see the channel any more. */
  onError?: (error: RealtimeError) => void;
}

export interface RowOptions<Row = any, Column extends string = ColumnOf<Row>> extends ChannelOptions {
  /** Only rows for which this is true; one that comes into view is a `create`, one that leaves it a `delete`. */
  filter?: Filter<Row>;
  columns?: readonly Column[];
  operations?: readonly Operation[];
  /** Milliseconds in which no more than the newest state of each row comes. */
  conflate?: number;
  /** A position of before: what changed since then comes first. */
  since?: string;
  /** The present rows come first, to `onSnapshot`; again after a gap. */
  snapshot?: boolean;
  onSnapshot?: (event: SnapshotEvent<Columns<Row, Column>>) => void;
  /** Changes may have been missed. With `snapshot` there is a new snapshot instead where that is possible. */
  onGap?: (event: GapEvent) => void;
}

/** What `watch` takes. */
export interface WatchOptions extends RowOptions<any, string> {
  /** False if no row changes are wanted. */
  rows?: boolean;
}

/** A subscription that may not have been answered yet. */
export interface Watch {
  /** Resolves when delivery is certain, rejects when it is refused; at once if the client is not connecting. */
  ready: Promise<void>;
  stop: Unsubscribe;
}

export interface RealtimeAtoms {
  connectionState: ReadableAtom<ConnectionState>;
  /** Who is online, by channel. */
  onlineUsers: ReadableAtom<ReadonlyMap<string, OnlineUser[]>>;
}

export interface RealtimeClient<Schema = AnySchema> {
  /**
   * Resolves when connected, also if it is already; rejects when the attempt failed. If another attempt may help the client goes on trying,
   * and the state is `reconnecting`; `disconnect` ends that.
   */
  connect(): Promise<void>;
  /** Ends the connection, until `connect`. Subscriptions are kept, and go on from where they were. */
  disconnect(): void;
  /** Everything that comes on a channel. */
  subscribe<Payload = any>(
    channel: string,
    callback: (message: RealtimeMessage<Payload>) => void,
    options?: WatchOptions,
  ): Promise<Unsubscribe>;
  /** The changes of a resource. */
  subscribeToResource<Resource extends ResourceOf<Schema>, Column extends ColumnOf<Schema[Resource]> = ColumnOf<Schema[Resource]>>(
    resource: Resource,
    callback: (event: DataChangeEvent<Columns<Schema[Resource], Column>>) => void,
    options?: RowOptions<Schema[Resource], Column>,
  ): Promise<Unsubscribe>;
  /** The changes of one record. */
  subscribeToRecord<Resource extends ResourceOf<Schema>, Column extends ColumnOf<Schema[Resource]> = ColumnOf<Schema[Resource]>>(
    resource: Resource,
    id: RecordKey,
    callback: (event: DataChangeEvent<Columns<Schema[Resource], Column>>) => void,
    options?: RowOptions<Schema[Resource], Column>,
  ): Promise<Unsubscribe>;
  /** Who comes, goes, or is shown differently on a channel. */
  subscribeToPresence(
    channel: string,
    callback: (event: PresenceUpdateEvent) => void,
    options?: ChannelOptions,
  ): Promise<Unsubscribe>;
  /** Resolves when it was handed to the subscribers of that moment; `self`: to the sender, too. */
  broadcast(channel: string, payload: unknown, options?: { self?: boolean }): Promise<void>;
  /** Replaces what others are shown about this user on a channel that is subscribed. */
  updatePresence(channel: string, metadata: object): Promise<void>;
  /** Takes another `auth`, or asks the present one anew, and brings the token to the server without a new connection. */
  setAuth(auth?: RealtimeClientOptions["auth"]): Promise<void>;
  /** What the others are made of: it returns before the answer, so that whoever asked can leave at any time. */
  watch(channel: string, listener: (message: RealtimeMessage & { first?: boolean }) => unknown, options?: WatchOptions): Watch;
  atoms: RealtimeAtoms;
}
