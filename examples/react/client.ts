import { createRealtimeClient } from "@rowtide/client";
import type { Schema } from "./schema.js";

const parameters = new URLSearchParams(location.search);
const bridge = parameters.get("bridge") ?? "ws://127.0.0.1:3001/realtime";

/** Without authentication whoever connects says who it is; with it, this comes from the token: `auth: () => getToken()`. */
export const me = parameters.get("user") ?? `guest-${crypto.getRandomValues(new Uint16Array(1))[0]}`;

export const client = createRealtimeClient<Schema>({ wsUrl: `${bridge}?userId=${encodeURIComponent(me)}` });
client.connect().catch(() => {}); // It goes on trying; useConnectionState tells.
