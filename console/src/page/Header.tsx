import { useStore } from "@nanostores/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { hue } from "../model/colour.js";
import { initials, type Person } from "../model/person.js";
import type { Session } from "../model/session.js";
import { Logo } from "./Logo.js";
import { useShortcuts } from "./shortcuts.js";
import { nextTheme, theme } from "./theme.js";

const AVATARS = 5;

/** Who is here, and whether all is well. */
export function Header({ session, leave, help }: { session: Session; leave: (() => void) | undefined; help(): void }) {
  const stats = useStore(session.monitor.stats);
  const trouble = useStore(session.monitor.trouble);
  const connection = useStore(session.client.atoms.connectionState);
  const now = useStore(theme);
  useShortcuts({ t: nextTheme });
  const source = stats?.source;
  const state = trouble ? "unreachable" : (source?.state ?? "starting");
  return (
    <header class="top">
      <Logo />
      <span class={`pill ${state === "flowing" ? "good" : state === "starting" || state === "retrying" ? "soon" : "bad"}`} title={trouble ?? source?.message}>
        {state}
      </span>
      {source && <span class="database" title={source.database}>{source.database}</span>}
      <span class="rest" />
      <Visitors session={session} />
      <span class={`pill ${connection === "connected" ? "good" : connection === "disconnected" ? "bad" : "soon"}`} role="status" title="This page's own connection">
        {connection}
      </span>
      <button class="quiet" title={`Theme: ${now} (T)`} aria-label={`Theme: ${now}`} onClick={nextTheme}>
        {now === "system" ? "◐" : now === "light" ? "☀" : "☾"}
      </button>
      <button class="quiet help" title="Keys (?)" aria-label="Keys" onClick={help}>?</button>
      {leave && <button class="quiet" onClick={leave}>Sign out</button>}
    </header>
  );
}

function Visitors({ session }: { session: Session }) {
  const visitors = useStore(session.visitors);
  const me = useStore(session.me);
  const [naming, setNaming] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), [naming]);
  // Myself first: that is the one that can be clicked.
  const others = visitors.filter(({ userId }) => userId !== me?.userId);
  return (
    <div class="visitors" role="group" aria-label="Who is looking at this page">
      {me && (naming ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const name = input.current!.value.trim();
            if (name) {
              session.rename(name);
            }
            setNaming(false);
          }}
        >
          <input ref={input} aria-label="Your name" defaultValue={me.name} maxLength={40} onBlur={() => setNaming(false)} onKeyDown={(event) => event.key === "Escape" && setNaming(false)} />
        </form>
      ) : (
        <button class="avatar me" style={{ "--hue": hue(me.userId) }} title={`${me.name} (you): click to change the name`} onClick={() => setNaming(true)}>
          {initials(me.name)}
        </button>
      ))}
      {others.slice(0, AVATARS).map((person) => <Avatar key={person.userId} {...person} />)}
      {others.length > AVATARS && <span class="avatar more">+{others.length - AVATARS}</span>}
    </div>
  );
}

export function Avatar({ userId, name }: Person) {
  return (
    <span class="avatar" role="img" style={{ "--hue": hue(userId) }} title={name} aria-label={name}>
      {initials(name)}
    </span>
  );
}
