import { useLiveQuery, usePresence, useRecord } from "@rowtide/client/react";
import { useState } from "react";
import { client, me } from "./client.js";
import { Online } from "./Online.js";

/** One post, what happens to it, and who else looks at it. */
export function Post({ id, close }: { id: number; close(): void }) {
  const { rows, state } = useLiveQuery(client, "post", { where: { id } });
  const online = usePresence(client, `post:${id}`, { metadata: { name: me } });
  const [history, setHistory] = useState<string[]>([]);
  useRecord(client, "post", id, (event) => {
    const what = event.operation === "update" ? `${event.changed?.join(", ")} changed` : event.operation;
    setHistory((before) => [`${new Date(event.committedAt ?? Date.now()).toTimeString().slice(0, 8)} ${what}`, ...before].slice(0, 10));
  });
  const [post] = rows;
  return (
    <article>
      <header>
        <h2>{post?.title ?? (state === "loading" ? "…" : "This post is gone")}</h2>
        <Online users={online} />
        <button aria-label="Close" onClick={close}>
          ✕
        </button>
      </header>
      {post && (
        <>
          <p>{post.body}</p>
          <p className="by">
            {post.author}, {post.created_at} · ♥ {post.likes}
          </p>
        </>
      )}
      <ul className="history">{history.map((line, at) => <li key={history.length - at}>{line}</li>)}</ul>
    </article>
  );
}
