import { createClient } from "./client.js";
import { platform } from "./environment.js";
import type { AnySchema, RealtimeClient, RealtimeClientOptions } from "./types.js";

type Actions<Schema> = Omit<RealtimeClient<Schema>, "atoms" | "disconnect"> & {
  disconnect(): Promise<void>;
  getConnectionState(): Promise<string>;
  getOnlineUsers(channel: string): Promise<{ userId: string; metadata?: any }[]>;
};

/** The client as a plugin of a better-query client, which brings the address of its API as `$fetch.baseURL`. */
export function realtimeClient<Schema = AnySchema>(options: RealtimeClientOptions = {}) {
  const settings = { ...options };
  const { atoms, ...client } = createClient<Schema>(settings, platform);
  return {
    id: "realtime" as const,
    getActions($fetch?: unknown): Actions<Schema> {
      settings.baseURL ??= ($fetch as { baseURL?: string } | undefined)?.baseURL;
      return {
        ...client,
        disconnect: async () => client.disconnect(),
        getConnectionState: async () => atoms.connectionState.get(),
        getOnlineUsers: async (channel) => atoms.onlineUsers.get().get(channel) ?? [],
      };
    },
    getAtoms: () => atoms,
  };
}
