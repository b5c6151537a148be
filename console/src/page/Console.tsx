import { useStore } from "@nanostores/preact";
import { useRef, useState } from "preact/hooks";
import type { Session, Subscription } from "../model/session.js";
import { BroadcastForm } from "./BroadcastForm.js";
import { Channels } from "./Channels.js";
import { Charts } from "./Charts.js";
import { Header } from "./Header.js";
import { HelpDialog } from "./HelpDialog.js";
import { useShortcuts } from "./shortcuts.js";
import { Source } from "./Source.js";
import { StreamPanel } from "./StreamPanel.js";
import { SubscribeDialog } from "./SubscribeDialog.js";

/** On a phone one part is on the screen at a time. */
const PARTS = ["Changes", "Channels", "Source", "Send"] as const;
type Part = (typeof PARTS)[number];

/** What the subscribe dialog begins with. */
export type Proposal = { channel?: string; since?: string };

export function Console({ session, leave }: { session: Session; leave: (() => void) | undefined }) {
  const subscriptions = useStore(session.subscriptions);
  const [part, setPart] = useState<Part>("Changes");
  const [shown, setShown] = useState<Subscription | undefined>();
  const [proposal, setProposal] = useState<Proposal | undefined>();
  const [helping, setHelping] = useState(false);
  const [sendTo, setSendTo] = useState("");
  const broadcastForm = useRef<HTMLFormElement>(null);
  const tabs = [undefined, ...subscriptions];

  function close(subscription: Subscription): void {
    session.unsubscribe(subscription);
    setShown((now) => (now === subscription ? undefined : now));
  }

  function send(channel?: string): void {
    setPart("Send");
    if (channel !== undefined) {
      setSendTo(channel);
    }
    const field = broadcastForm.current?.querySelector<HTMLElement>(channel === undefined ? "input" : "textarea");
    field?.focus();
    if (document.activeElement !== field) {
      // On a phone it is on the screen only after this.
      setTimeout(() => field?.focus());
    }
  }

  useShortcuts({
    s: () => setProposal({}),
    b: () => send(),
    "?": () => setHelping(true),
    ...Object.fromEntries(tabs.slice(0, 9).map((tab, at) => [String(at + 1), () => setShown(tab)])),
  });

  return (
    <div class="console" data-part={part}>
      <Header session={session} leave={leave} help={() => setHelping(true)} />
      <Charts monitor={session.monitor} />
      <main>
        <StreamPanel
          key={shown?.id ?? 0}
          session={session}
          tabs={tabs}
          shown={shown}
          show={setShown}
          close={close}
          subscribe={(given = {}) => setProposal(given)}
        />
        <aside>
          <Channels session={session} subscribe={(channel) => setProposal({ channel })} send={send} />
          <Source monitor={session.monitor} />
          <BroadcastForm session={session} form={broadcastForm} channel={sendTo} setChannel={setSendTo} />
        </aside>
      </main>
      <nav class="parts" aria-label="Parts of the page">
        {PARTS.map((name) => (
          <button key={name} aria-current={part === name ? "page" : undefined} onClick={() => setPart(name)}>
            {name}
          </button>
        ))}
      </nav>
      {proposal && (
        <SubscribeDialog
          session={session}
          proposal={proposal}
          done={(subscription) => {
            setProposal(undefined);
            if (subscription) {
              setShown(subscription);
              setPart("Changes");
            }
          }}
        />
      )}
      {helping && <HelpDialog done={() => setHelping(false)} />}
    </div>
  );
}
