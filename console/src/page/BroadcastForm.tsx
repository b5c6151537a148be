import { useStore } from "@nanostores/preact";
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { timeOf } from "../model/describe.js";
import type { Session } from "../model/session.js";

interface Props {
  session: Session;
  form: RefObject<HTMLFormElement | null>;
  channel: string;
  setChannel(channel: string): void;
}

type Result = { ok: boolean; text: string };

/** Sends any JSON to a channel. */
export function BroadcastForm({ session, form, channel, setChannel }: Props) {
  const stats = useStore(session.monitor.stats);
  const [payload, setPayload] = useState('{ "text": "hello" }');
  const [self, setSelf] = useState(true);
  const [result, setResult] = useState<Result | undefined>();
  const custom = stats?.channels.filter(({ name }) => !name.includes(":")) ?? [];

  async function send(): Promise<void> {
    setResult(undefined);
    let value: unknown;
    try {
      value = JSON.parse(payload);
    } catch (error) {
      setResult({ ok: false, text: `This is no JSON: ${(error as Error).message}` });
      return;
    }
    try {
      await session.client.broadcast(channel, value, { self });
      setResult({ ok: true, text: `Sent to ${channel} at ${timeOf(Date.now())}` });
    } catch (error) {
      setResult({ ok: false, text: (error as Error).message });
    }
  }

  return (
    <section class="card send" aria-label="Send">
      <header>
        <h2>Send</h2>
        <span class="note">a broadcast</span>
      </header>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <label>
          Channel
          <input required value={channel} placeholder="notifications" list="custom-channels" maxLength={255} spellcheck={false} onInput={(event) => setChannel(event.currentTarget.value)} />
        </label>
        <datalist id="custom-channels">{custom.map(({ name }) => <option key={name} value={name} />)}</datalist>
        <label>
          Payload, JSON
          <textarea
            rows={2}
            value={payload}
            spellcheck={false}
            onInput={(event) => setPayload(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                form.current!.requestSubmit();
              }
            }}
          />
        </label>
        <footer>
          <label class="check">
            <input type="checkbox" checked={self} onChange={(event) => setSelf(event.currentTarget.checked)} />
            to this page, too
          </label>
          <button class="primary">Send</button>
        </footer>
        {result && <p class={result.ok ? "right" : "wrong"} role={result.ok ? "status" : "alert"}>{result.text}</p>}
      </form>
    </section>
  );
}
