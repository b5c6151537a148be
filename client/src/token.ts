/** When a JWT expires, in milliseconds since 1970; NaN if it is none, or does not. */
export function expiryOf(token = ""): number {
  try {
    return JSON.parse(atob(token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/"))).exp * 1000;
  } catch {
    return NaN;
  }
}
