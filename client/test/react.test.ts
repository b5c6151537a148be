import { close } from "./dom.js";
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { useBroadcast, useConnectionState, useLiveQuery, usePresence, useRecord, useResource } from "@rowtide/client/react";
import { act, cleanup, render, waitFor } from "@testing-library/react";
import { createElement as h, StrictMode } from "react";
import type { Peer } from "./scripted-server.js";
import { Collected, reaches, type Scene, scene } from "./surroundings.js";

interface Schema {
  post: { id: number; title: string };
}

after(close);

/** A connected client; components are taken away before it. */
async function connected(t: TestContext): Promise<Scene<Schema> & { peer: Peer }> {
  const made = await scene<Schema>(t);
  await made.client.connect();
  t.after(() => cleanup());
  return { ...made, peer: await made.server.peer() };
}

const strict = (component: () => any) => h(StrictMode, null, h(component));

/** The subscribe that counts: strict mode leaves and comes again. */
async function settled(peer: Peer): Promise<any> {
  await peer.next("subscribe");
  await peer.next("unsubscribe");
  return peer.next("subscribe");
}

/** Nothing else has come to the server. */
async function nothingMore({ client }: Scene<Schema>, peer: Peer): Promise<void> {
  const done = client.broadcast("fence", 0);
  peer.send({ type: "ack", id: (await peer.next("broadcast")).id });
  await done;
}

test("useResource calls the newest callback, once for each event, in strict mode too", async (t) => {
  const made = await connected(t);
  const { client, peer, errors } = made;
  const calls = new Collected<string>();
  let version = "first";
  const App = () => {
    const mine = version;
    useResource(client, "post", (event) => calls.add(`${mine} ${event.id}`), { filter: { title: "x" } });
    return null;
  };
  const page = render(strict(App));
  const subscribe = await settled(peer);
  assert.deepEqual(subscribe.payload.filter, { title: "x" });
  peer.subscribed(subscribe, { position: "p1" });
  peer.change("resource:post", "p2");
  await calls.count(1);
  version = "second";
  page.rerender(strict(App));
  peer.change("resource:post", "p3");
  assert.deepEqual(await calls.count(2), ["first p2", "second p3"]);
  await nothingMore(made, peer);
  page.unmount();
  await peer.next("unsubscribe");
  assert.deepEqual(errors, []);
});

test("useRecord follows the id, and watches nothing without one", async (t) => {
  const made = await connected(t);
  const { client, peer } = made;
  const calls = new Collected<any>();
  const App = ({ id }: { id: number | null }) => {
    useRecord(client, "post", id, calls.add);
    return null;
  };
  const page = render(h(App, { id: null }));
  await nothingMore(made, peer);
  page.rerender(h(App, { id: 7 }));
  assert.equal((await peer.accept({ position: "p1" })).channel, "post:7");
  page.rerender(h(App, { id: 8 }));
  assert.equal((await peer.next("unsubscribe")).channel, "post:7");
  assert.equal((await peer.accept({ position: "p1" })).channel, "post:8");
  peer.change("post:8", "p2");
  await calls.count(1);
});

test("useResource returns why nothing comes", async (t) => {
  const { client, peer, errors } = await connected(t);
  const App = () => h("p", null, useResource(client, "post", () => {})?.code ?? "fine");
  const page = render(strict(App));
  peer.error(await settled(peer), "forbidden");
  await waitFor(() => assert.equal(page.container.textContent, "forbidden"));
  assert.deepEqual(errors, []);
});

test("useLiveQuery shows the rows, and components that ask the same share them", async (t) => {
  const made = await connected(t);
  const { client, peer } = made;
  const List = () => {
    const { rows, state } = useLiveQuery(client, "post", { orderBy: "title", limit: 2 });
    return h("p", null, state === "ready" ? rows.map(({ title }) => title).join() : state);
  };
  const App = () => h("div", null, h(List), h(List));
  const page = render(h(StrictMode, null, h(App)));
  assert.equal(page.container.textContent, "loadingloading");
  const { id } = await peer.accept({ position: "p1" });
  const rows = [
    { id: 1, title: "b" },
    { id: 2, title: "a" },
    { id: 3, title: "c" },
  ];
  peer.send({ type: "snapshot", channel: "resource:post", id, payload: { rows, ids: [1, 2, 3], position: "p1", last: true } });
  await waitFor(() => assert.equal(page.container.textContent, "a,ba,b"));
  peer.change("resource:post", "p2", { operation: "delete", id: 2, data: null });
  await waitFor(() => assert.equal(page.container.textContent, "b,cb,c"));
  await nothingMore(made, peer);
});

test("usePresence shows who is online, useConnectionState how it is going", async (t) => {
  const { client, peer, surroundings } = await connected(t);
  const App = () => {
    const users = usePresence(client, "doc", { metadata: { name: "Ann" } });
    return h("p", null, `${useConnectionState(client)}: ${users.map(({ userId }) => userId).join()}`);
  };
  const page = render(strict(App));
  const subscribe = await settled(peer);
  assert.deepEqual(subscribe.payload.metadata, { name: "Ann" });
  peer.subscribed(subscribe, { onlineUsers: [{ userId: "ann" }], onlineCount: 1 });
  await waitFor(() => assert.equal(page.container.textContent, "connected: ann"));
  peer.send({ type: "presence_update", channel: "doc", payload: { action: "join", userId: "bob", onlineUsers: [{ userId: "ann" }, { userId: "bob" }], onlineCount: 2 } });
  await waitFor(() => assert.equal(page.container.textContent, "connected: ann,bob"));
  await act(async () => {
    peer.cut();
    await reaches(client, "reconnecting");
  });
  assert.equal(page.container.textContent, "reconnecting: ann,bob");
  surroundings.pass(1_000);
  await waitFor(() => assert.equal(page.container.textContent, "connected: ann,bob"));
});

test("useBroadcast sends, and calls back with what others send", async (t) => {
  const { client, peer } = await connected(t);
  const calls = new Collected<any>();
  let send!: (payload: any) => Promise<void>;
  const App = () => {
    send = useBroadcast(client, "room", calls.add);
    return null;
  };
  render(strict(App));
  const subscribe = await settled(peer);
  assert.equal(subscribe.payload.presence, "none");
  peer.subscribed(subscribe);
  peer.send({ type: "broadcast", channel: "room", payload: "hi", userId: "bob" });
  assert.deepEqual(await calls.count(1), ["hi"]);
  const sending = send({ a: 1 });
  const broadcast = await peer.next("broadcast");
  assert.deepEqual(broadcast.payload, { a: 1 });
  peer.send({ type: "ack", id: broadcast.id });
  await sending;
});

test("hooks wait for a client that is connected later, and is left and connected again", async (t) => {
  const made = await scene<Schema>(t);
  const { client, server, errors } = made;
  const calls = new Collected<any>();
  const App = () => {
    useResource(client, "post", calls.add);
    return null;
  };
  const page = render(strict(App));
  t.after(() => cleanup());
  const first = client.connect();
  client.disconnect();
  await assert.rejects(first);
  await client.connect();
  const peer = await server.peer();
  await peer.accept({ position: "p1" });
  peer.change("resource:post", "p2");
  await calls.count(1);
  page.unmount();
  await peer.next("unsubscribe");
  assert.deepEqual(errors, []);
});
