// What this file claims is checked by the compiler; it is never run.
import { test } from "node:test";
import type {
  ConnectionState,
  DataChangeEvent,
  PresenceUpdateEvent,
  RealtimeClient,
  RealtimeClientOptions,
  RealtimeMessage,
} from "@rowtide/client";

interface Post {
  id: string;
  title: string | null;
  status: "open" | "closed";
  votes: number;
  hot: boolean;
  tags: string[];
}
type Schema = { post: Post; comment: { id: number; text: string } };

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._proof: Same<A, B> extends true ? [] : ["they differ"]) => {};

export async function typed(client: RealtimeClient<Schema>) {
  await client.subscribeToResource("post", (event) => {
    if (event.operation === "create" || event.operation === "update") {
      same<typeof event.data, Post>();
      same<typeof event.old, Partial<Post> | undefined>();
    } else if (event.operation === "delete") {
      same<typeof event.data, null>();
    } else {
      same<typeof event.operation, "truncate">();
    }
    // @ts-expect-error a post has no such column
    event.data?.titel;
  });
  // @ts-expect-error there is no such resource
  await client.subscribeToResource("pots", () => {});
  await client.subscribeToRecord("comment", 1, (event) => event.data?.text.length);
  await client.subscribeToResource("post", (event) => same<NonNullable<typeof event.data>, Pick<Post, "id" | "votes">>(), {
    columns: ["id", "votes"],
    filter: { status: "open", votes: { gte: 3, lt: "9007199254740993" }, title: { isNull: false, like: "A%" }, OR: [{ hot: true }, { NOT: { id: { in: ["a"] } } }] },
    snapshot: true,
    onSnapshot: ({ rows }) => same<typeof rows, Pick<Post, "id" | "votes">[]>(),
    onGap: ({ reason }) => reason === "permissions_changed",
  });
  // @ts-expect-error no such column
  await client.subscribeToResource("post", () => {}, { columns: ["titel"] });
  // @ts-expect-error no such status
  await client.subscribeToResource("post", () => {}, { filter: { status: "opne" } });
  // @ts-expect-error a number is no status
  await client.subscribeToResource("post", () => {}, { filter: { status: { in: [1] } } });
  // @ts-expect-error nothing equals NULL
  await client.subscribeToResource("post", () => {}, { filter: { title: null } });
  // @ts-expect-error numbers have no pattern
  await client.subscribeToResource("post", () => {}, { filter: { votes: { like: "1%" } } });
  await client.subscribeToResource("post", () => {}, { filter: { tags: { isNull: true } } });
  // @ts-expect-error arrays are only asked for NULL
  await client.subscribeToResource("post", () => {}, { filter: { tags: { eq: ["a"] } } });
  const off = await client.subscribeToPresence("resource:post", (event) => same<typeof event, PresenceUpdateEvent>());
  off();
  await client.subscribe<{ type: string }>("notifications", (message) => message.payload.type);
  await client.subscribe("notifications", (message) => same<typeof message, RealtimeMessage>());
  client.atoms.connectionState.subscribe((state) => same<ConnectionState, typeof state>());
  client.atoms.onlineUsers.subscribe((map) => map.get("resource:post")?.map(({ userId }) => userId));
}

export async function untyped(client: RealtimeClient, options: RealtimeClientOptions) {
  await client.subscribeToResource("anything", (event) => event.data.whatever, { filter: { a: { gt: 1 } }, columns: ["a"] });
  await client.subscribeToResource("anything", (event: DataChangeEvent) => event.data.whatever);
  await client.subscribeToResource("post", (event: DataChangeEvent<Post>) => event.data?.title);
  return options.maxReconnectAttempts;
}

test("the types compile", () => {});
