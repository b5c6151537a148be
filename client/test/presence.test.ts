import assert from "node:assert/strict";
import { test } from "node:test";
import type { PresenceUpdateEvent } from "../dist/types.js";
import { Collected, reaches, scene } from "./surroundings.js";

const ann = { userId: "ann", metadata: { name: "Ann" } };
const bob = { userId: "bob", metadata: {} };

test("who is online is in the atom and in the events", async (t) => {
  const { client, server } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  const events = new Collected<PresenceUpdateEvent>();
  const subscribing = client.subscribeToPresence("resource:post", events.add, { metadata: { name: "Ann" } });
  const { payload } = await peer.accept({ onlineUsers: [ann], onlineCount: 1 });
  assert.deepEqual([payload.presence, payload.metadata, payload.operations], ["full", { name: "Ann" }, ["truncate"]]);
  const off = await subscribing;
  assert.deepEqual(client.atoms.onlineUsers.get().get("resource:post"), [ann]);
  assert.deepEqual(events.items, [], "the first list is no news");
  const joined = { action: "join", ...bob, onlineUsers: [ann, bob], onlineCount: 2 };
  peer.send({ type: "presence_update", channel: "resource:post", payload: joined, timestamp: 1 });
  assert.deepEqual(await events.count(1), [joined]);
  assert.deepEqual(client.atoms.onlineUsers.get().get("resource:post"), [ann, bob]);
  off();
  assert.equal(client.atoms.onlineUsers.get().has("resource:post"), false);
});

test("a difference is unfolded into the same events", async (t) => {
  const { client, server } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  const events = new Collected<PresenceUpdateEvent>();
  const subscribing = client.subscribeToPresence("doc", events.add, { presence: "diff" });
  assert.equal((await peer.accept({ onlineUsers: [ann, bob], onlineCount: 2 })).payload.presence, "diff");
  await subscribing;
  const cat = { userId: "cat", metadata: {} };
  const renamed = { userId: "ann", metadata: { name: "Anna" } };
  peer.send({ type: "presence_diff", channel: "doc", payload: { join: [cat], update: [renamed], leave: [bob], onlineCount: 2 }, timestamp: 1 });
  const told = await events.count(3);
  assert.deepEqual(told.map(({ action, userId }) => `${action} ${userId}`).sort(), ["join cat", "leave bob", "update ann"]);
  assert.deepEqual(told.at(-1)!.onlineUsers, [renamed, cat]);
  assert.deepEqual(client.atoms.onlineUsers.get().get("doc"), [renamed, cat]);
});

test("what changed during a break is told after it, and the list does not flicker", async (t) => {
  const { client, server, surroundings } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  const events = new Collected<PresenceUpdateEvent>();
  const subscribing = client.subscribeToPresence("doc", events.add);
  await peer.accept({ onlineUsers: [ann, bob], onlineCount: 2 });
  await subscribing;
  peer.cut();
  await reaches(client, "reconnecting");
  assert.deepEqual(client.atoms.onlineUsers.get().get("doc"), [ann, bob]);
  surroundings.pass(1_000);
  const again = await server.peer();
  const cat = { userId: "cat", metadata: {} };
  await again.accept({ onlineUsers: [ann, cat], onlineCount: 2 });
  assert.deepEqual((await events.count(2)).map(({ action, userId }) => `${action} ${userId}`), ["leave bob", "join cat"]);
  client.disconnect();
  assert.equal(client.atoms.onlineUsers.get().size, 0);
});

test("presence joins what is subscribed already, and the stream of changes goes on", async (t) => {
  const { client, server } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  const changes = new Collected<any>();
  const subscribing = client.subscribeToResource("post", changes.add, { presence: "none", filter: { a: 1 } });
  await peer.accept({ position: "p1" });
  await subscribing;
  const joining = client.subscribeToPresence("resource:post", () => {});
  const second = await peer.next("subscribe");
  assert.deepEqual(second.payload, { filter: { a: 1 }, presence: "full" });
  peer.change("resource:post", "p2");
  peer.subscribed(second, { position: "p2", onlineUsers: [ann], onlineCount: 1 });
  peer.change("resource:post", "p3");
  await joining;
  assert.deepEqual((await changes.count(2)).map(({ position }) => position), ["p2", "p3"]);
  assert.equal(server.unseen, 0, "no other connection");
});

test("rows join where only presence was wanted", async (t) => {
  const { client, server } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  const subscribing = client.subscribeToPresence("resource:post", () => {});
  await peer.accept({ position: "p1", onlineUsers: [], onlineCount: 0 });
  await subscribing;
  const changes = new Collected<any>();
  const joining = client.subscribeToResource("post", changes.add, { operations: ["create"] });
  const { payload } = await peer.accept({ position: "p5" });
  assert.deepEqual([payload.operations, payload.since, payload.presence], [["create"], undefined, "full"]);
  await joining;
  peer.change("resource:post", "p6");
  await changes.count(1);
});

test("a refused change of presence rejects its call and ends nothing", async (t) => {
  const { client, server, errors } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  const changes = new Collected<any>();
  const subscribing = client.subscribeToResource("post", changes.add);
  await peer.accept({ position: "p1" });
  await subscribing;
  const refused = client.subscribeToPresence("resource:post", () => {}, { metadata: { much: "x" } });
  peer.error(await peer.next("subscribe"), "too_large");
  await assert.rejects(refused, { code: "too_large" });
  peer.change("resource:post", "p2");
  await changes.count(1);
  assert.deepEqual(errors, []);
});

test("updated metadata is acknowledged, and brought again after a break", async (t) => {
  const { client, server, surroundings } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  const subscribing = client.subscribe("doc:42", () => {}, { metadata: { cursor: 1 } });
  await peer.accept({});
  await subscribing;
  const updating = client.updatePresence("doc:42", { cursor: 17 });
  const update = await peer.next("presence_update");
  assert.deepEqual(update.payload, { metadata: { cursor: 17 } });
  peer.send({ type: "ack", id: update.id, timestamp: 1 });
  await updating;
  peer.cut();
  await reaches(client, "reconnecting");
  surroundings.pass(1_000);
  assert.deepEqual((await (await server.peer()).next("subscribe")).payload.metadata, { cursor: 17 });
});

test("two views of a channel do not take the list from each other", async (t) => {
  const { client, server } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  const one = client.subscribeToResource("post", () => {}, { filter: { a: 1 } });
  await peer.accept({ onlineUsers: [ann], onlineCount: 1 });
  const two = client.subscribeToResource("post", () => {}, { filter: { a: 2 } });
  await one;
  await (await server.peer()).accept({ onlineUsers: [ann], onlineCount: 1 });
  (await two)();
  assert.deepEqual(client.atoms.onlineUsers.get().get("resource:post"), [ann]);
  (await one)();
  assert.equal(client.atoms.onlineUsers.get().size, 0);
});
