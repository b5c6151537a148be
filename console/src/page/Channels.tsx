import { useStore } from "@nanostores/preact";
import { hue, resourceHue } from "../model/colour.js";
import { short } from "../model/describe.js";
import type { Session } from "../model/session.js";
import { Avatar } from "./Header.js";

const FACES = 4;

interface Props {
  session: Session;
  subscribe(channel: string): void;
  send(channel: string): void;
}

/** The channels that somebody is in, the busiest first. */
export function Channels({ session, subscribe, send }: Props) {
  const stats = useStore(session.monitor.stats);
  const channels = stats?.channels ?? [];
  const resources = new Set(stats?.resources.map(({ name }) => name));
  return (
    <section class="card channels" aria-label="Channels">
      <header>
        <h2>Channels</h2>
        <span class="note">
          {stats ? `${short(stats.channelCount)}, ${short(stats.connected)} ${stats.connected === 1 ? "client" : "clients"}, ${short(stats.users)} ${stats.users === 1 ? "user" : "users"}` : ""}
        </span>
      </header>
      <ul>
        {channels.map(({ name, clients, onlineUsers = [], onlineCount = 0 }) => {
          const resource = name.startsWith("resource:") ? name.slice("resource:".length) : name.split(":", 1)[0]!;
          const rows = name.includes(":") && resources.has(resource);
          return (
            <li key={name}>
              <button class="name" title={`Subscribe to ${name}`} onClick={() => subscribe(name)}>
                <i class="dot" style={{ "--hue": rows ? resourceHue(resource) : hue(name) }} />
                {name}
              </button>
              <span class="faces">
                {onlineUsers.slice(0, FACES).map(({ userId, metadata }) => (
                  <Avatar key={userId} userId={userId} name={String((metadata as { name?: string } | undefined)?.name ?? userId)} />
                ))}
                {onlineCount > FACES && <span class="avatar more">+{short(onlineCount - FACES)}</span>}
              </span>
              <span class="count" title={`${clients} subscribed`}>{short(clients)}</span>
              {/* Only the database speaks on its own channels. */}
              <button class="quiet send" disabled={rows} aria-label={`Send to ${name}`} title={rows ? "Only changes come here" : `Send to ${name}`} onClick={() => send(name)}>
                ➤
              </button>
            </li>
          );
        })}
      </ul>
      {stats && stats.channelCount > channels.length && <p class="hint">and {short(stats.channelCount - channels.length)} more</p>}
      {stats && !channels.length && <p class="hint">Nobody is in any channel.</p>}
    </section>
  );
}
