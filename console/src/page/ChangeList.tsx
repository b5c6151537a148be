import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Entry } from "../model/feed.js";
import { ChangeRow } from "./ChangeRow.js";

const NARROW = matchMedia("(max-width: 700px)");
/** Pixels, as in the style sheet. */
const rowHeight = () => (NARROW.matches ? 58 : 34);
/** Rows beyond the edges, so that scrolling does not show emptiness. */
const MARGIN = 6;
/** More than this at once, and marking what is new would only flicker. */
const FLASHES = 12;

interface Props {
  /** The newest first. */
  entries: readonly Entry[];
  selected: number | undefined;
  following: boolean;
  hold(): void;
  select(seq: number): void;
  open(seq: number): void;
}

/** A list of which only what is on the screen is in the page: its cost does not depend on how much came. */
export function ChangeList({ entries, selected, following, hold, select, open }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [visible, setVisible] = useState(600);
  const [height, setHeight] = useState(rowHeight());
  const newestBefore = useRef(-1);

  useEffect(() => {
    const element = list.current!;
    const observer = new ResizeObserver(() => {
      setVisible(element.clientHeight);
      setHeight(rowHeight());
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (following) {
      list.current!.scrollTop = 0;
    }
  }, [following]);

  const first = Math.max(0, Math.floor(top / height) - MARGIN);
  const shown = entries.slice(first, Math.ceil((top + visible) / height) + MARGIN);
  const newest = entries[0]?.seq ?? -1;
  const flash = following && newest - newestBefore.current <= FLASHES ? newestBefore.current : Infinity;
  useEffect(() => {
    newestBefore.current = newest;
  });

  function move(by: number): void {
    const at = entries.findIndex(({ seq }) => seq === selected);
    const next = entries[at < 0 ? 0 : Math.min(entries.length - 1, Math.max(0, at + by))];
    if (next) {
      select(next.seq);
      const position = entries.indexOf(next) * height;
      const { scrollTop, clientHeight } = list.current!;
      if (position < scrollTop) {
        list.current!.scrollTop = position;
      } else if (position + height > scrollTop + clientHeight) {
        list.current!.scrollTop = position + height - clientHeight;
      }
    }
  }

  const page = Math.max(1, Math.floor(visible / height) - 1);
  const keys: Record<string, () => void> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    j: () => move(1),
    k: () => move(-1),
    PageDown: () => move(page),
    PageUp: () => move(-page),
    Home: () => move(-Infinity),
    End: () => move(Infinity),
    Enter: () => selected !== undefined && open(selected),
  };

  return (
    <div
      ref={list}
      class="list"
      role="listbox"
      tabIndex={0}
      aria-label="Changes, the newest first"
      aria-activedescendant={selected === undefined ? undefined : `entry-${selected}`}
      onScroll={({ currentTarget: { scrollTop } }) => {
        setTop(scrollTop);
        if (scrollTop > height / 2) {
          hold();
        }
      }}
      onKeyDown={(event) => {
        const act = keys[event.key];
        if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
          event.preventDefault();
          act();
        }
      }}
    >
      <div class="all" style={{ height: `${entries.length * height}px` }}>
        <div class="shown" style={{ transform: `translateY(${first * height}px)` }}>
          {shown.map((entry) => (
            <ChangeRow key={entry.seq} entry={entry} selected={entry.seq === selected} fresh={entry.seq > flash} open={open} />
          ))}
        </div>
      </div>
    </div>
  );
}
