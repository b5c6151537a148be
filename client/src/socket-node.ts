import { RealtimeError } from "./errors.js";
import type { WebSocketConstructor } from "./types.js";

/** Node's own WebSocket if it has one (22 and later), else that of the package `ws`. */
export async function platformWebSocket(): Promise<WebSocketConstructor> {
  if (globalThis.WebSocket) {
    return globalThis.WebSocket;
  }
  try {
    // Not for bundlers: it is optional.
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ "ws")).WebSocket as unknown as WebSocketConstructor;
  } catch (cause) {
    throw new RealtimeError("bad_options", "this Node has no WebSocket: npm install ws", { cause });
  }
}
