import { useStore } from "@nanostores/preact";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { resourceHue } from "../model/colour.js";
import { short } from "../model/describe.js";
import type { Entry } from "../model/feed.js";
import type { Session, Subscription } from "../model/session.js";
import { ChangeDetails } from "./ChangeDetails.js";
import { ChangeList } from "./ChangeList.js";
import type { Proposal } from "./Console.js";
import { useShortcuts } from "./shortcuts.js";

/** With more there is a subscription for that. */
const CHIPS = 12;
const OPERATIONS = ["create", "update", "delete"] as const;

interface Props {
  session: Session;
  /** Undefined stands for all changes. */
  tabs: (Subscription | undefined)[];
  shown: Subscription | undefined;
  show(tab: Subscription | undefined): void;
  close(tab: Subscription): void;
  subscribe(proposal?: Proposal): void;
}

/** What comes, the newest first. It is held while somebody reads further down or looks at one change, and goes on from the top. */
export function StreamPanel({ session, tabs, shown, show, close, subscribe }: Props) {
  const feed = shown?.feed ?? session.all;
  useStore(feed.version);
  const resources = useStore(session.monitor.stats)?.resources ?? [];
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  /** Entries before this number are shown; undefined: all, as they come. */
  const [heldAt, setHeldAt] = useState<number | undefined>();
  const [selected, setSelected] = useState<number | undefined>();
  const [open, setOpen] = useState(false);

  const wanted = (entry: Entry) => entry.kind !== "change" || (!hidden.has(entry.event.operation) && !hidden.has(`resource:${entry.event.resource}`));
  const entries = feed.newestFirst(heldAt ?? feed.next, wanted);
  const newer = heldAt === undefined ? 0 : feed.next - heldAt;
  const entry = selected === undefined ? undefined : feed.at(selected);

  const hold = () => setHeldAt((now) => now ?? feed.next);
  const goOn = () => {
    setHeldAt(undefined);
    setSelected(undefined);
    setOpen(false);
  };
  const select = (seq: number) => {
    hold();
    setSelected(seq);
  };
  const toggle = (what: string) =>
    setHidden((before) => {
      const next = new Set(before);
      if (!next.delete(what)) {
        next.add(what);
      }
      return next;
    });

  useShortcuts({
    " ": () => (heldAt === undefined ? hold() : goOn()),
    Escape: () => (open ? setOpen(false) : goOn()),
  });

  return (
    <section class="card stream" aria-label="Changes">
      <div class="tabs" role="group" aria-label="What is shown">
        {tabs.map((tab) => (
          <span key={tab?.id ?? 0} class="tab">
            <button class="name" aria-current={tab === shown || undefined} title={tab && JSON.stringify(tab.options)} onClick={() => show(tab)}>
              {tab ? tab.channel : "All changes"}
              {tab && summary(tab) && <small>{summary(tab)}</small>}
            </button>
            {tab && <button class="quiet" aria-label={`Unsubscribe from ${tab.channel}`} title="Unsubscribe" onClick={() => close(tab)}>✕</button>}
          </span>
        ))}
        <button class="add" title="Subscribe to a channel (S)" onClick={() => subscribe()}>+ Subscribe</button>
      </div>
      <div class="tools">
        {OPERATIONS.map((operation) => (
          <Chip key={operation} className={operation} on={!hidden.has(operation)} toggle={() => toggle(operation)}>{operation}</Chip>
        ))}
        {!shown && resources.length > 1 && resources.length <= CHIPS && (
          <>
            <span class="between" />
            {resources.map(({ name }) => (
              <Chip key={name} on={!hidden.has(`resource:${name}`)} toggle={() => toggle(`resource:${name}`)}>
                <i class="dot" style={{ "--hue": resourceHue(name) }} />
                {name}
              </Chip>
            ))}
          </>
        )}
        <span class="rest" />
        <span class="note" data-count={feed.next}>{short(feed.next)} so far</span>
        <button class="quiet" onClick={() => feed.clear()}>Clear</button>
        <button class={heldAt === undefined ? "" : "primary"} title="Space" aria-pressed={heldAt !== undefined} onClick={heldAt === undefined ? hold : goOn}>
          {heldAt === undefined ? "Hold" : "Go on"}
        </button>
      </div>
      <div class="body">
        {newer > 0 && <button class="newer" onClick={goOn}>↑ {short(newer)} newer</button>}
        <ChangeList
          entries={entries}
          selected={selected}
          following={heldAt === undefined}
          hold={hold}
          select={select}
          open={(seq) => {
            select(seq);
            setOpen(true);
          }}
        />
        {!entries.length && <Nothing tab={shown} resources={resources.length} session={session} />}
      </div>
      {open && entry && <ChangeDetails entry={entry} close={() => setOpen(false)} subscribe={subscribe} />}
    </section>
  );
}

function Chip({ on, toggle, className = "", children }: { on: boolean; toggle(): void; className?: string; children: ComponentChildren }) {
  return (
    <label class={`chip ${className}`}>
      <input type="checkbox" checked={on} onChange={toggle} />
      {children}
    </label>
  );
}

function Nothing({ tab, resources, session }: { tab: Subscription | undefined; resources: number; session: Session }) {
  const source = useStore(session.monitor.stats)?.source;
  return (
    <div class="nothing">
      <p>{tab ? `Nothing has come on ${tab.channel} yet.` : resources ? "Nothing has changed yet." : "There is no resource yet."}</p>
      <p class="hint">
        {tab?.channel.includes(":") === false
          ? "It shows what is sent to it, and who comes and goes."
          : source?.state === "flowing"
            ? "Whatever is committed in the database shows here at once, whoever writes it."
            : source?.message}
      </p>
    </div>
  );
}

/** What makes it another view than the whole channel. */
function summary({ options: { filter, columns, operations, since, snapshot, conflate } }: Subscription): string {
  return [
    filter && JSON.stringify(filter).replaceAll('"', ""),
    columns && `${columns.length} columns`,
    operations?.join("/"),
    snapshot && "snapshot",
    since && "since",
    conflate && `${conflate} ms`,
  ]
    .filter(Boolean)
    .join(" · ");
}
