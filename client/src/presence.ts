import { atom } from "nanostores";
import type { PresenceDiff } from "./messages.js";
import type { OnlineUser, PresenceUpdateEvent } from "./types.js";

/** As `subscribed` brings it. */
export interface OnlineList {
  onlineUsers: OnlineUser[];
  onlineCount: number;
}

const byId = (users: OnlineUser[] = []) => new Map(users.map((user) => [user.userId, user]));

/** Who is online on each channel. */
export function createPresence() {
  const onlineUsers = atom<ReadonlyMap<string, OnlineUser[]>>(new Map());
  /** How many subscriptions there are to each. */
  const held = new Map<string, number>();
  const get = (channel: string) => onlineUsers.get().get(channel);

  function set(channel: string, users?: OnlineUser[]): void {
    const next = new Map(onlineUsers.get());
    if (users ? next.set(channel, users) : next.delete(channel)) {
      onlineUsers.set(next);
    }
  }

  /** Puts a whole list in the place of the one before, and tells what that changed: there is one kind of event however the server says it. */
  function replace(channel: string, list: OnlineList, tell: (event: PresenceUpdateEvent) => void): void {
    const { onlineUsers, onlineCount } = list;
    const before = byId(get(channel));
    const now = byId(onlineUsers);
    set(channel, onlineUsers);
    for (const [id, user] of [...before, ...now]) {
      const known = before.get(id);
      const action = now.has(id) ? (known ? "update" : "join") : "leave";
      if (action === "leave" || JSON.stringify(user) !== JSON.stringify(known)) {
        tell({ ...user, action, onlineUsers, onlineCount });
      }
    }
  }

  /** The list with a difference applied; who is there already keeps the place. */
  function apply(channel: string, { join, update, leave, onlineCount }: PresenceDiff): OnlineList {
    const users = byId([...(get(channel) ?? []), ...update, ...join]);
    leave.forEach(({ userId }) => users.delete(userId));
    return { onlineUsers: [...users.values()], onlineCount };
  }

  return {
    onlineUsers,
    get,
    set,
    replace,
    apply,
    /** One subscription more, or less: the last takes the list with it. */
    hold(channel: string, more: 1 | -1): void {
      const count = (held.get(channel) ?? 0) + more;
      held.set(channel, count);
      if (!count) {
        held.delete(channel);
        set(channel);
      }
    },
  };
}

export type Presence = ReturnType<typeof createPresence>;
