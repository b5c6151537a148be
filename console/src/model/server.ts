/** What `GET /realtime/stats` answers (docs/protocol.md). */
export interface Stats {
  connected: number;
  users: number;
  uptimeMillis: number;
  position: string | null;
  channelCount: number;
  channels: ChannelStats[];
  timestamp: number;
  source: SourceStatus;
  resources: Resource[];
  counters: Counters;
}

export interface ChannelStats {
  name: string;
  clients: number;
  onlineUsers?: { userId: string; metadata?: any }[];
  onlineCount?: number;
}

export interface SourceStatus {
  state: "starting" | "flowing" | "retrying" | "failed" | "stopped";
  message: string;
  database: string;
  log: string;
  keptLogBytes: number;
  lagMillis: number;
  silentMillis: number;
}

export interface Resource {
  name: string;
  columns?: string[];
}

export interface Counters {
  changes: number;
  messagesIn: number;
  messagesOut: number;
  bytesOut: number;
  fellBehind: number;
  slowClosed: number;
  historyBytes: number;
}

/** The server wants a service token, or another one than this. */
export class TokenNeeded extends Error {}

/** Where the WebSocket is, on this page's own host; the server writes it into the page. */
export const path = (): string => document.querySelector<HTMLMetaElement>("meta[name=rowtide-path]")!.content;

/** As many channels as the page lists, the busiest. */
export const CHANNELS_SHOWN = 50;
const TIMEOUT_MILLIS = 10_000;

/** How the gateway is. Rejects with `TokenNeeded`, or with a sentence if there is no answer. */
export async function readStats(token: string | undefined): Promise<Stats> {
  let response: Response;
  try {
    response = await fetch(`${path()}/stats?channels=${CHANNELS_SHOWN}`, {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
  } catch {
    throw new Error("the server does not answer");
  }
  const body = await response.json().catch(() => ({}));
  if (response.status === 401 || response.status === 403) {
    throw new TokenNeeded(body.error?.message ?? "the server refuses");
  }
  if (!response.ok) {
    throw new Error(body.error?.message ?? `the server answers ${response.status}`);
  }
  return body;
}
