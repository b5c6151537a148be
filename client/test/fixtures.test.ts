// docs/protocol/*.json are what the gateway's tests read and write; here each is what comes in or goes out.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { ServerMessage } from "../dist/messages.js";
import type { RealtimeClient } from "../dist/types.js";
import type { Peer } from "./scripted-server.js";
import { Collected, reaches, scene, type Scene } from "./surroundings.js";

const folder = new URL("../../docs/protocol/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));

type Sent = (client: RealtimeClient, fixture: any) => unknown;

/** What makes the client send each. */
const SENT: Record<string, Sent> = {
  subscribe: (client, { channel, payload }) => client.watch(channel, () => {}, payload),
  unsubscribe: (client, { channel }) => client.watch(channel, () => {}).stop(),
  broadcast: (client, { channel, payload, self }) => client.broadcast(channel, payload, { self }),
  presence_update: (client, { channel, payload }) => client.updatePresence(channel, payload.metadata),
  auth: (client, { payload }) => client.setAuth(payload.token),
  heartbeat: () => {},
};

for (const name of names.filter((name) => name.startsWith("client-"))) {
  test(`the client sends ${name}`, async (t) => {
    const { client, server, surroundings } = await scene(t);
    await client.connect();
    const peer = await server.peer();
    const fixture = read(name);
    const made = SENT[fixture.type]!(client, fixture) as { ready?: Promise<void> } | undefined;
    Promise.resolve(made?.ready ?? made).catch(() => {});
    if (fixture.type === "heartbeat") {
      surroundings.pass(10_000);
    }
    let message;
    do {
      message = await peer.next();
    } while (message.type !== fixture.type);
    // The client numbers its messages, has a clock of its own, and always says what it wants to be told of.
    const { id, timestamp, ...rest } = message;
    assert.equal(typeof (timestamp ?? id), "number");
    const { id: _id, timestamp: _timestamp, ...wanted } = fixture;
    if (fixture.type === "subscribe") {
      assert.deepEqual(rest, { ...wanted, payload: { presence: "full", ...wanted.payload } });
    } else {
      assert.deepEqual(rest, wanted);
    }
  });
}

/** What each does to a client that watches its channel. */
const RECEIVED: Record<string, (scene: Scene & { peer: Peer; messages: Collected<any>; send: () => void; id: number }, fixture: any) => Promise<void>> = {
  async subscribed({ client, send, messages }, fixture) {
    send();
    await messages.count(1);
    assert.deepEqual(client.atoms.onlineUsers.get().get(fixture.channel), fixture.payload.onlineUsers);
  },
  async data_change({ send, messages }, fixture) {
    send();
    assert.deepEqual((await messages.count(1))[0], fixture);
  },
  async gap({ send, messages }, fixture) {
    send();
    assert.deepEqual((await messages.count(1))[0], fixture);
  },
  async broadcast({ send, messages }, fixture) {
    send();
    assert.deepEqual((await messages.count(1))[0], fixture);
  },
  async snapshot({ send, messages, id }, fixture) {
    send();
    assert.deepEqual((await messages.count(1))[0], { ...fixture, id, payload: { ...fixture.payload, first: true } });
  },
  async presence_update({ client, send, messages }, fixture) {
    send();
    assert.deepEqual((await messages.count(1))[0].payload, fixture.payload);
    assert.deepEqual(client.atoms.onlineUsers.get().get(fixture.channel), fixture.payload.onlineUsers);
  },
  async presence_diff({ client, peer, send, messages }, fixture) {
    const { join, leave, onlineCount } = fixture.payload;
    peer.send({ type: "presence_update", channel: fixture.channel, payload: { action: "join", ...leave[0], onlineUsers: leave, onlineCount: 1 } });
    await messages.count(1);
    send();
    const told = await messages.count(3);
    assert.deepEqual(told.slice(1).map(({ type, payload }) => [type, payload.action, payload.onlineCount]), [
      ["presence_update", "leave", onlineCount],
      ["presence_update", "join", onlineCount],
    ]);
    assert.deepEqual(client.atoms.onlineUsers.get().get(fixture.channel), join);
  },
  async heartbeat({ client, peer, server, surroundings, send }, fixture) {
    send();
    await acknowledged(client, peer);
    peer.cut();
    await reaches(client, "reconnecting");
    surroundings.pass(1_000);
    assert.equal((await (await server.peer()).next("subscribe")).payload.since, fixture.position);
  },
  async ack({ client, peer }, fixture) {
    const done = client.broadcast("notifications", 0);
    peer.send({ ...fixture, id: (await peer.next("broadcast")).id });
    await done;
  },
  async error({ client, peer }, fixture) {
    const refused = client.broadcast(fixture.channel, 0);
    peer.send({ ...fixture, id: (await peer.next("broadcast")).id });
    await assert.rejects(refused, { ...fixture.payload, channel: fixture.channel });
  },
  async unsubscribed({ client, peer, send }) {
    send();
    await acknowledged(client, peer);
  },
  async closing({ client, peer, surroundings, send }, fixture) {
    send();
    await acknowledged(client, peer);
    peer.socket.close(fixture.payload.code);
    await reaches(client, "reconnecting");
    assert.equal(surroundings.delays.at(-1), fixture.payload.reconnectIn);
  },
};

for (const name of names.filter((name) => name.startsWith("server-"))) {
  test(`the client takes ${name}`, async (t) => {
    const made = await scene(t);
    await made.client.connect();
    const peer = await made.server.peer();
    const fixture: ServerMessage = read(name);
    const messages = new Collected<any>();
    made.client.watch(fixture.channel ?? "resource:post", messages.add, { snapshot: fixture.type === "snapshot" }).ready.catch(() => {});
    const { id, channel } = await peer.next("subscribe");
    if (fixture.type !== "subscribed") {
      peer.subscribed({ id, channel }, { position: "p0" });
      await messages.count(1);
      messages.items.length = 0;
    }
    const send = () => peer.send(fixture.type === "subscribed" || fixture.type === "snapshot" ? { ...fixture, id } : fixture);
    await RECEIVED[fixture.type]!({ ...made, peer, messages, send, id }, fixture);
    assert.deepEqual(made.errors, []);
  });
}

test("there are fixtures in both directions", () => {
  assert.ok(names.some((name) => name.startsWith("client-")));
  assert.ok(names.some((name) => name.startsWith("server-")));
});

async function acknowledged(client: RealtimeClient, peer: Peer): Promise<void> {
  const done = client.broadcast("fence", 0);
  let message;
  do {
    message = await peer.next();
  } while (message.type !== "broadcast");
  peer.send({ type: "ack", id: message.id });
  await done;
}
