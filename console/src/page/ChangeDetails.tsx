import { useEffect, useRef, useState } from "preact/hooks";
import { duration, fields, idText, timeOf } from "../model/describe.js";
import type { Entry } from "../model/feed.js";
import type { Proposal } from "./Console.js";

interface Props {
  entry: Entry;
  close(): void;
  subscribe(proposal: Proposal): void;
}

/** All of one entry. */
export function ChangeDetails({ entry, close, subscribe }: Props) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current!.scrollTo(0, 0), [entry]);
  return (
    <section ref={panel} class="details" aria-label="The change that is marked">
      <header>
        {entry.kind === "change" ? (
          <h2>
            <span class={`op ${entry.event.operation}`}>{entry.event.operation}</span> {entry.event.resource} {idText(entry.event.id)}
          </h2>
        ) : (
          <h2>{entry.channel}</h2>
        )}
        <button class="quiet" aria-label="Close" title="Escape" onClick={close}>✕</button>
      </header>
      {entry.kind === "change" ? <Change entry={entry} subscribe={subscribe} /> : <Json of={entry.kind === "snapshot" ? entry.rows : entry.kind === "broadcast" ? entry.payload : entry.kind === "presence" ? { action: entry.action, userId: entry.userId, onlineCount: entry.onlineCount } : entry.text} />}
    </section>
  );
}

function Change({ entry, subscribe }: { entry: Extract<Entry, { kind: "change" }>; subscribe(proposal: Proposal): void }) {
  const { event, latencyMillis } = entry;
  // What changed first: a row may have more columns than there is room.
  const all = fields(event).sort((a, b) => Number(b.changed) - Number(a.changed));
  const [raw, setRaw] = useState(false);
  return (
    <>
      <dl class="facts">
        <div><dt>committed</dt><dd>{event.committedAt ? timeOf(event.committedAt) : "unknown"}, here {duration(Math.max(0, latencyMillis))} later</dd></div>
        {event.transaction && (
          <div><dt>transaction</dt><dd>{event.transaction.id}, change {event.transaction.index + 1}{event.transaction.last ? ", the last" : ""}</dd></div>
        )}
        <div><dt>position</dt><dd><code>{event.position}</code></dd></div>
      </dl>
      <div class="actions">
        {event.id !== null && event.id !== undefined && (
          <button onClick={() => subscribe({ channel: `${event.resource}:${event.id}` })}>Watch this record</button>
        )}
        <button onClick={() => subscribe({ channel: `resource:${event.resource}`, since: event.position })}>Everything since</button>
        <button onClick={() => void navigator.clipboard?.writeText(JSON.stringify(event, null, 2))}>Copy</button>
        <button aria-pressed={raw} onClick={() => setRaw(!raw)}>JSON</button>
      </div>
      {raw ? (
        <Json of={event} />
      ) : (
        <table>
          <thead>
            <tr><th>column</th><th>before</th><th>after</th></tr>
          </thead>
          <tbody>
            {all.map((field) => (
              <tr key={field.column} class={field.changed ? "changed" : undefined}>
                <th scope="row">{field.column}</th>
                <td>{"before" in field ? <Value of={field.before} as={field.changed || event.operation === "delete" ? "del" : "span"} /> : <i class="unknown">{unknown(event.operation, "before")}</i>}</td>
                <td>{"after" in field ? <Value of={field.after} as={field.changed || event.operation === "create" ? "ins" : "span"} /> : <i class="unknown">{unknown(event.operation, "after")}</i>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function unknown(operation: string, side: "before" | "after"): string {
  return (operation === "create" && side === "before") || (operation === "delete" && side === "after") ? "" : "not in the log";
}

function Value({ of, as: Tag }: { of: unknown; as: "del" | "ins" | "span" }) {
  return <Tag class={of === null ? "null" : typeof of}>{typeof of === "string" ? of : JSON.stringify(of)}</Tag>;
}

function Json({ of }: { of: unknown }) {
  return <pre>{JSON.stringify(of, null, 2)}</pre>;
}
