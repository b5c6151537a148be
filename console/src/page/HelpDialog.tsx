import { Dialog } from "./Dialog.js";

const KEYS = [
  ["S", "subscribe to a channel"],
  ["B", "send to a channel"],
  ["1 … 9", "the tabs of the stream"],
  ["Space", "hold the stream, and let it go on"],
  ["↑ ↓  or  K J", "from change to change"],
  ["Enter", "all of the change that is marked"],
  ["Esc", "close it"],
  ["T", "light, dark, or as the system says"],
] as const;

export function HelpDialog({ done }: { done(): void }) {
  return (
    <Dialog title="Keys" done={done}>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt><kbd>{key}</kbd></dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
