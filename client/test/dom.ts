// A DOM for the tests of the hooks; to be imported before React.
import { Window } from "happy-dom";

const window = new Window({ url: "http://localhost/" });
const globals: Record<string, unknown> = globalThis as any;
for (const name of ["document", "navigator", "HTMLElement", "HTMLIFrameElement", "Element", "Node", "MutationObserver", "getComputedStyle"] as const) {
  // Node has a navigator of its own from 21 on, which cannot be assigned.
  Object.defineProperty(globals, name, { value: (window as any)[name], configurable: true });
}
globals["window"] = window;

export const close = () => window.happyDOM.close();
