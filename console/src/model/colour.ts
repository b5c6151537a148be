/** A hue of the colour circle for a text, always the same one: FNV-1a, stirred, as similar texts should look different. */
export function hue(of: string): number {
  let hash = 0x811c9dc5;
  for (const character of of) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) % 360;
}

/** The golden angle: however many hues there are, each is far from those before it. */
const STEP = 137.508;
const resources = new Map<string, number>();

/** That of a resource, by the order in which they were met: the server lists them by name. */
export function resourceHue(name: string): number {
  const at = resources.get(name) ?? resources.size;
  resources.set(name, at);
  return Math.round(200 + at * STEP) % 360;
}
