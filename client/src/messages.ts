import type { RealtimeErrorCode } from "./errors.js";
import type { GapEvent, OnlineUser, PresenceUpdateEvent } from "./types.js";

/** What the server sends; docs/protocol.md and docs/protocol/*.json of the repository say what it means. */
export type ServerMessage = { id?: number; channel?: string; timestamp?: number } & (
  | {
      type: "subscribed";
      payload: { position?: string; recovered?: boolean; replayed?: number; onlineUsers?: OnlineUser[]; onlineCount?: number };
    }
  | { type: "unsubscribed" | "ack"; payload?: undefined }
  | { type: "data_change"; payload: { position: string } }
  | { type: "snapshot"; payload: { rows: unknown[]; ids?: unknown[]; position: string; last?: boolean } }
  | { type: "presence_update"; payload: PresenceUpdateEvent }
  | { type: "presence_diff"; payload: PresenceDiff }
  | { type: "broadcast"; payload: unknown; userId?: string }
  | { type: "gap"; payload: GapEvent }
  | { type: "heartbeat"; position?: string; payload?: undefined }
  | { type: "error"; payload: { code: RealtimeErrorCode; message: string; retryAfter?: number } }
  | { type: "closing"; payload: { code: number; reconnectIn: number } }
);

export type Message<Type extends ServerMessage["type"]> = Extract<ServerMessage, { type: Type }>;

export interface PresenceDiff {
  join: OnlineUser[];
  update: OnlineUser[];
  leave: OnlineUser[];
  onlineCount: number;
}
