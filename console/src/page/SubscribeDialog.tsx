import type { Operation, WatchOptions } from "@rowtide/client";
import { useStore } from "@nanostores/preact";
import { useState } from "preact/hooks";
import type { Session, Subscription } from "../model/session.js";
import type { Proposal } from "./Console.js";
import { Dialog } from "./Dialog.js";

const OPERATIONS: Operation[] = ["create", "update", "delete", "truncate"];

interface Props {
  session: Session;
  proposal: Proposal;
  /** With the subscription that was made, if one was. */
  done(subscription?: Subscription): void;
}

/** Asks what to subscribe to, and stays open until the server takes it. */
export function SubscribeDialog({ session, proposal, done }: Props) {
  const stats = useStore(session.monitor.stats);
  const resources = stats?.resources ?? [];
  const [channel, setChannel] = useState(proposal.channel ?? (resources[0] ? `resource:${resources[0].name}` : ""));
  const [filter, setFilter] = useState("");
  const [columns, setColumns] = useState<ReadonlySet<string>>(new Set());
  const [operations, setOperations] = useState<ReadonlySet<Operation>>(new Set(OPERATIONS));
  const [since, setSince] = useState(proposal.since ?? "");
  const [snapshot, setSnapshot] = useState(false);
  const [conflate, setConflate] = useState("");
  const [presence, setPresence] = useState(false);
  const [asking, setAsking] = useState(false);
  const [wrong, setWrong] = useState<string | undefined>();

  const colon = channel.indexOf(":");
  const name = colon < 0 ? undefined : channel.startsWith("resource:") ? channel.slice(colon + 1) : channel.slice(0, colon);
  const resource = resources.find((candidate) => candidate.name === name);

  function options(): WatchOptions {
    const wanted: WatchOptions = { presence: presence ? "full" : "none" };
    if (!resource) {
      return wanted;
    }
    if (filter.trim()) {
      try {
        wanted.filter = JSON.parse(filter);
      } catch (error) {
        throw new Error(`The filter is no JSON: ${(error as Error).message}`);
      }
    }
    if (columns.size) {
      wanted.columns = [...columns];
    }
    if (operations.size < OPERATIONS.length) {
      wanted.operations = [...operations];
    }
    if (since.trim()) {
      wanted.since = since.trim();
    }
    if (snapshot) {
      wanted.snapshot = true;
    }
    if (conflate) {
      wanted.conflate = Number(conflate);
    }
    return wanted;
  }

  async function subscribe(): Promise<void> {
    setWrong(undefined);
    setAsking(true);
    try {
      done(await session.subscribe(channel, options()));
    } catch (error) {
      setWrong((error as Error).message);
      setAsking(false);
    }
  }

  const toggled = <T,>(set: ReadonlySet<T>, value: T) => {
    const next = new Set(set);
    if (!next.delete(value)) {
      next.add(value);
    }
    return next;
  };

  return (
    <Dialog title="Subscribe" done={() => done()}>
      <form
        class="subscribe"
        onSubmit={(event) => {
          event.preventDefault();
          void subscribe();
        }}
      >
        <label>
          Channel
          <input required value={channel} list="all-channels" maxLength={255} spellcheck={false} placeholder="resource:orders, orders:17 or notifications" onInput={(event) => setChannel(event.currentTarget.value)} />
        </label>
        <datalist id="all-channels">
          {resources.map((resource) => <option key={resource.name} value={`resource:${resource.name}`} />)}
          {stats?.channels.map(({ name }) => (name.startsWith("resource:") ? null : <option key={name} value={name} />))}
        </datalist>
        {resource && (
          <>
            <label>
              Filter, JSON <small>only rows for which this is true</small>
              <textarea rows={2} value={filter} spellcheck={false} placeholder={`{ "${resource.columns?.at(-1) ?? "status"}": { "ne": "…" } }`} onInput={(event) => setFilter(event.currentTarget.value)} />
            </label>
            {resource.columns && (
              <fieldset>
                <legend>Columns <small>all if none is marked</small></legend>
                {resource.columns.map((column) => (
                  <label key={column} class="chip">
                    <input type="checkbox" checked={columns.has(column)} onChange={() => setColumns(toggled(columns, column))} />
                    {column}
                  </label>
                ))}
              </fieldset>
            )}
            <fieldset>
              <legend>Operations</legend>
              {OPERATIONS.map((operation) => (
                <label key={operation} class={`chip ${operation}`}>
                  <input type="checkbox" checked={operations.has(operation)} onChange={() => setOperations(toggled(operations, operation))} />
                  {operation}
                </label>
              ))}
            </fieldset>
            <div class="two">
              <label>
                Since <small>a position: what came after it first</small>
                <input value={since} spellcheck={false} placeholder="from now on" onInput={(event) => setSince(event.currentTarget.value)} />
              </label>
              <label>
                Conflate, ms <small>the newest of each row only</small>
                <input type="number" min={1} max={60_000} value={conflate} placeholder="every change" onInput={(event) => setConflate(event.currentTarget.value)} />
              </label>
            </div>
            <label class="check">
              <input type="checkbox" checked={snapshot} onChange={(event) => setSnapshot(event.currentTarget.checked)} />
              Snapshot: the present rows first
            </label>
          </>
        )}
        <label class="check">
          <input type="checkbox" checked={presence} onChange={(event) => setPresence(event.currentTarget.checked)} />
          Presence: be seen by the others, and see them come and go
        </label>
        {wrong && <p class="wrong" role="alert">{wrong}</p>}
        <footer>
          <button class="primary" disabled={asking}>{asking ? "Asking…" : "Subscribe"}</button>
        </footer>
      </form>
    </Dialog>
  );
}
