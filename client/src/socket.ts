import type { WebSocketConstructor } from "./types.js";

/** The platform's WebSocket. Chosen by package.json's `imports`; socket-node.ts is the other one. */
export async function platformWebSocket(): Promise<WebSocketConstructor> {
  return WebSocket;
}
