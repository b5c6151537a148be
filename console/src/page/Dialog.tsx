import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Over the page until it is closed: by its button, with Escape, or beside it. */
export function Dialog({ title, done, children }: { title: string; done(): void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current!.showModal();
    dialog.current!.querySelector("input")?.focus();
  }, []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={done} onClick={(event) => event.target === dialog.current && dialog.current!.close()}>
      <div class="inside">
        <header>
          <h2>{title}</h2>
          <button class="quiet" aria-label="Close" onClick={() => dialog.current!.close()}>✕</button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
