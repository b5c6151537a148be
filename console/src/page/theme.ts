import { atom } from "nanostores";

export type Theme = "system" | "light" | "dark";
const THEMES: Theme[] = ["system", "light", "dark"];

const kept = localStorage["rowtide.theme"];
export const theme = atom<Theme>(THEMES.includes(kept) ? kept : "system");

const dark = matchMedia("(prefers-color-scheme: dark)");
/** What is on the screen. */
export const shownTheme = atom<"light" | "dark">("light");

function show(): void {
  const chosen = theme.get();
  const shown = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  document.documentElement.dataset["theme"] = shown;
  shownTheme.set(shown);
}

theme.subscribe(show);
dark.addEventListener("change", show);

export function nextTheme(): void {
  const next = THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length]!;
  localStorage["rowtide.theme"] = next;
  theme.set(next);
}
