import { useEffect, useRef, useState } from "preact/hooks";
import { readStats, TokenNeeded } from "../model/server.js";
import { Session } from "../model/session.js";
import { Console } from "./Console.js";
import { Logo } from "./Logo.js";

/** Kept as long as the tab is open. */
const TOKEN = "rowtide.token";

type Entry = { at: "asking" } | { at: "door"; reason?: string } | { at: "outside"; reason: string } | { at: "in"; session: Session };

/** Lets in who needs no token or has the right one, and asks the others for it. */
export function Door() {
  const [entry, setEntry] = useState<Entry>({ at: "asking" });

  async function enter(token: string | undefined, reason?: string): Promise<void> {
    setEntry({ at: "asking" });
    try {
      await readStats(token);
    } catch (error) {
      const { message } = error as Error;
      setEntry(error instanceof TokenNeeded ? { at: "door", ...(token ? { reason: message } : reason ? { reason } : {}) } : { at: "outside", reason: message });
      return;
    }
    if (token) {
      sessionStorage[TOKEN] = token;
    }
    setEntry({ at: "in", session: new Session(token, (sentence) => leave(sentence)) });
  }

  function leave(reason?: string): void {
    delete sessionStorage[TOKEN];
    setEntry((before) => {
      if (before.at === "in") {
        before.session.close();
      }
      return { at: "door", ...(reason ? { reason } : {}) };
    });
  }

  useEffect(() => {
    // A link may bring the token in the part of the address that no server sees; nobody needs to read it there afterwards.
    const brought = new URLSearchParams(location.hash.slice(1)).get("token");
    if (brought) {
      history.replaceState(null, "", location.pathname + location.search);
    }
    void enter(brought ?? sessionStorage[TOKEN]);
  }, []);

  useEffect(() => {
    if (entry.at === "outside") {
      const timer = setTimeout(() => void enter(sessionStorage[TOKEN]), 2_000);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [entry]);

  switch (entry.at) {
    case "in":
      return <Console session={entry.session} leave={sessionStorage[TOKEN] ? () => leave() : undefined} />;
    case "door":
      return <TokenForm enter={(token) => void enter(token)} reason={entry.reason} />;
    case "outside":
      return (
        <main class="door">
          <Logo />
          <p role="alert">{sentence(entry.reason)} Trying again.</p>
        </main>
      );
    case "asking":
      return <main class="door" aria-busy="true" />;
  }
}

function TokenForm({ enter, reason }: { enter(token: string): void; reason: string | undefined }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <main class="door">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          enter(input.current!.value.trim());
        }}
      >
        <Logo />
        <label>
          Service token
          <input ref={input} type="password" name="token" required autocomplete="current-password" spellcheck={false} />
        </label>
        {reason && <p class="wrong" role="alert">{sentence(reason)}</p>}
        <button class="primary">Open the console</button>
        <p class="hint">One with <code>service: true</code>. It is kept until you close this tab.</p>
      </form>
    </main>
  );
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/[.]?$/, ".")}`;
}
