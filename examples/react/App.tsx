import { useBroadcast, useConnectionState, useLiveQuery, usePresence } from "@rowtide/client/react";
import { useState } from "react";
import { client, me } from "./client.js";
import { Online } from "./Online.js";
import { Post } from "./Post.js";
import type { Schema } from "./schema.js";
import { useFlash } from "./useFlash.js";

/** The posts, the newest first, as they are in the database at any moment. */
export function App() {
  const { rows: posts, state, error } = useLiveQuery(client, "post", { orderBy: { id: "desc" }, limit: 50 });
  const online = usePresence(client, "resource:post", { metadata: { name: me } });
  const connection = useConnectionState(client);
  const [open, setOpen] = useState<number | undefined>();
  const [wave, setWave] = useState<string | undefined>();
  const send = useBroadcast<{ from: string }>(client, "waves", ({ from }) => {
    setWave(from);
    setTimeout(() => setWave(undefined), 4_000);
  });

  return (
    <>
      <header>
        <h1>Posts</h1>
        <Online users={online} />
        <button onClick={() => void send({ from: me }).catch(() => {})} disabled={connection !== "connected"}>
          👋 Wave
        </button>
        <span className={`connection ${connection}`} role="status">
          {connection}
        </span>
      </header>
      {wave && <p className="wave">👋 {wave} waves to everybody</p>}
      <main>
        {error && <p role="alert">{error.message}</p>}
        {state === "loading" && <p>Loading…</p>}
        <ul>
          {posts.map((post) => (
            <Line key={post.id} post={post} open={() => setOpen(post.id)} current={post.id === open} />
          ))}
        </ul>
        {open !== undefined && <Post key={open} id={open} close={() => setOpen(undefined)} />}
      </main>
    </>
  );
}

function Line({ post, open, current }: { post: Schema["post"]; open(): void; current: boolean }) {
  // A row that did not change is the same object as before.
  const flash = useFlash(post);
  return (
    <li className={flash ? "flash" : undefined}>
      <button aria-current={current} onClick={open}>
        <strong>{post.title}</strong>
        <span>
          {post.author} · ♥ {post.likes}
        </span>
      </button>
    </li>
  );
}
