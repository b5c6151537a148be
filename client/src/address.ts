import { RealtimeError } from "./errors.js";
import type { RealtimeClientOptions } from "./types.js";

// The name of a subprotocol cannot have all characters (RFC 9110, token); these are enough for JWTs, hexadecimal and base64url.
const SUBPROTOCOL = /^[\w.~-]+$/;

/** Where to connect to, with the credential: as a subprotocol, which keeps it out of URLs and so out of proxies' logs; in the URL if it has characters that cannot be in one. */
export function address({ wsUrl, baseURL }: RealtimeClientOptions, token?: string): [url: string, protocols: string[]] {
  try {
    const url = new URL(wsUrl ?? "/realtime", baseURL ?? globalThis.location?.href);
    url.protocol = url.protocol.replace("http", "ws");
    const protocols: string[] = [];
    if (token && SUBPROTOCOL.test(token)) {
      protocols.push("rowtide", `bearer.${token}`);
    } else if (token) {
      url.searchParams.set("token", token);
    }
    return [url.href, protocols];
  } catch (cause) {
    throw new RealtimeError("bad_options", "wsUrl or baseURL is missing or no URL", { cause });
  }
}
