const NAMES = ["Otter", "Heron", "Puffin", "Seal", "Plover", "Tern", "Dolphin", "Crane", "Petrel", "Osprey", "Narwhal", "Curlew"];
const COLOURS = ["Amber", "Coral", "Indigo", "Jade", "Ruby", "Slate", "Teal", "Violet", "Olive", "Copper", "Azure", "Rose"];

/** Somebody as the avatars show them. */
export interface Person {
  userId: string;
  name: string;
}

export function initials(name: string): string {
  const words = name.trim().split(/[\s._-]+/);
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!].map(([first]) => first) : [...words[0]!].slice(0, 2);
  return letters.join("").toUpperCase();
}

/** This browser's person: kept from visit to visit, with a name of the sea until another is given. */
export function me(): Person {
  const [id, colour, name] = crypto.getRandomValues(new Uint32Array(3)) as unknown as [number, number, number];
  return {
    userId: (localStorage["rowtide.user"] ??= `console-${id.toString(36)}`),
    name: (localStorage["rowtide.name"] ??= `${COLOURS[colour % COLOURS.length]} ${NAMES[name % NAMES.length]}`),
  };
}

export function rename(name: string): void {
  localStorage["rowtide.name"] = name;
}
