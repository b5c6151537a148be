import { useStore } from "@nanostores/preact";
import type { ComponentChildren } from "preact";
import { bytes, duration, short } from "../model/describe.js";
import type { Monitor } from "../model/monitor.js";

/** Where the changes come from, how far it is, and what the gateway keeps. */
export function Source({ monitor }: { monitor: Monitor }) {
  const stats = useStore(monitor.stats);
  const trouble = useStore(monitor.trouble);
  if (!stats) {
    return <section class="card source" aria-label="Source" aria-busy="true" />;
  }
  const { source, counters, resources } = stats;
  const bad = trouble ?? (source.state === "flowing" ? undefined : source.message);
  return (
    <section class="card source" aria-label="Source">
      <header>
        <h2>Source</h2>
        <span class="note">up {duration(stats.uptimeMillis)}</span>
      </header>
      {bad && <p class="wrong" role="alert">{bad}</p>}
      <dl>
        <Fact name="Database" title={source.database}>{source.database}</Fact>
        <Fact name="Log" title={source.log}>{source.log}</Fact>
        <Fact name="Log kept" title="By the database: of PostgreSQL for the slot, of SQLite the size of the -wal file">{bytes(source.keptLogBytes)}</Fact>
        <Fact name="Position" title={stats.position ?? ""}><code>{stats.position ?? "none yet"}</code></Fact>
        <Fact name="Lag" title="From commit to reading, of the newest change; and since the log brought anything, be it a heartbeat">
          {duration(source.lagMillis)}, silent for {duration(source.silentMillis)}
        </Fact>
        <Fact name="Resources" title={resources.map(({ name }) => name).join(", ")}>{resources.length ? resources.map(({ name }) => name).join(", ") : "none"}</Fact>
        <Fact name="Changes" title="Since the start; and what is kept for those who come back">{short(counters.changes)}, {bytes(counters.historyBytes)} of history</Fact>
        <Fact name="Sent">{short(counters.messagesOut)} messages, {bytes(counters.bytesOut)}</Fact>
        <Fact name="Slow clients" title="Read on from the history; closed because they took nothing">
          {short(counters.fellBehind)} fell behind, {short(counters.slowClosed)} closed
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, title, children }: { name: string; title?: string; children: ComponentChildren }) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
