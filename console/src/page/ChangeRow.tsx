import type { ComponentChildren } from "preact";
import { memo } from "preact/compat";
import { resourceHue } from "../model/colour.js";
import { type Field, highlights, idText, text, timeOf } from "../model/describe.js";
import type { Entry } from "../model/feed.js";

/** More do not fit into any line. */
const FIELDS = 8;

interface Props {
  entry: Entry;
  selected: boolean;
  /** It has just come, and may be seen to. */
  fresh: boolean;
  open(seq: number): void;
}

/** One entry on one line; on a phone, on two. */
export const ChangeRow = memo(
  ({ entry, selected, fresh, open }: Props) => (
    <div id={`entry-${entry.seq}`} role="option" aria-selected={selected} class={fresh ? "row fresh" : "row"} onClick={() => open(entry.seq)}>
      <time>{timeOf(entry.at)}</time>
      <Cells entry={entry} />
    </div>
  ),
  (before, after) => before.entry === after.entry && before.selected === after.selected,
);

function Cells({ entry }: { entry: Entry }) {
  switch (entry.kind) {
    case "change": {
      const { event } = entry;
      return (
        <>
          <span class={`op ${event.operation}`}>{event.operation}</span>
          <span class="where">
            <i class="dot" style={{ "--hue": resourceHue(event.resource) }} />
            <span>{event.resource}</span> <b>{idText(event.id)}</b>
          </span>
          <span class="what">
            {highlights(event).slice(0, FIELDS).map((field) => <Cell key={field.column} field={field} update={field.changed} />)}
            {event.operation === "truncate" && <span>all rows are gone</span>}
          </span>
        </>
      );
    }
    case "snapshot":
      return (
        <Plain op="snapshot" channel={entry.channel}>
          {entry.count} {entry.count === 1 ? "row" : "rows"}
          {entry.first ? ", the first" : ""}{entry.last ? ", complete" : ""}
        </Plain>
      );
    case "broadcast":
      return <Plain op="message" channel={entry.channel}>{entry.userId && <em>{entry.userId} </em>}{text(entry.payload, 200)}</Plain>;
    case "presence":
      return <Plain op={entry.action} channel={entry.channel}><em>{entry.userId} </em>{entry.onlineCount} online</Plain>;
    case "trouble":
      return <Plain op="trouble" channel={entry.channel}>{entry.text}</Plain>;
  }
}

function Plain({ op, channel, children }: { op: string; channel: string; children: ComponentChildren }) {
  return (
    <>
      <span class={`op ${op}`}>{op}</span>
      <span class="where">{channel}</span>
      <span class="what"><span>{children}</span></span>
    </>
  );
}

/** A column with its value, or what it was and is. */
function Cell({ field, update }: { field: Field; update: boolean }) {
  const { column } = field;
  if (!update) {
    return <span class="field"><em>{column}</em> {"after" in field ? text(field.after) : <s>{text(field.before)}</s>}</span>;
  }
  return (
    <span class="field">
      <em>{column}</em> {"before" in field && <><del>{text(field.before)}</del> → </>}
      {"after" in field && <ins>{text(field.after)}</ins>}
    </span>
  );
}
