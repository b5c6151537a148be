import assert from "node:assert/strict";
import { test } from "node:test";
import { createRealtimeClient, realtimeClient } from "@rowtide/client";
import { ScriptedServer } from "./scripted-server.js";
import { Collected } from "./surroundings.js";

test("the plugin has the shape that a better-query client takes, and finds the server at its address", async (t) => {
  const server = await ScriptedServer.start();
  const plugin = realtimeClient({ heartbeatInterval: 30_000 });
  assert.equal(plugin.id, "realtime");
  const actions = plugin.getActions({ baseURL: `http://127.0.0.1:${server.port}/api` });
  const { connectionState, onlineUsers } = plugin.getAtoms();
  t.after(async () => {
    await actions.disconnect();
    await server.stop();
  });
  assert.equal(connectionState.get(), "disconnected");
  await actions.connect();
  assert.equal(await actions.getConnectionState(), "connected");
  const peer = await server.peer();
  assert.equal(peer.url, "/realtime");
  const events = new Collected<any>();
  const subscribing = actions.subscribeToRecord("post", "post-123", events.add);
  await peer.accept({ position: "p1", onlineUsers: [{ userId: "ann" }], onlineCount: 1 });
  const off = await subscribing;
  peer.change("post:post-123", "p2");
  assert.equal((await events.count(1))[0].resource, "post");
  assert.deepEqual(await actions.getOnlineUsers("post:post-123"), [{ userId: "ann" }]);
  assert.equal(onlineUsers.get().size, 1);
  off();
  assert.deepEqual(await actions.getOnlineUsers("post:post-123"), []);
});

test("the package works on a Node without a WebSocket of its own, and with the machine's clock", async (t) => {
  assert.equal(process.versions.node.startsWith("20.") ? typeof globalThis.WebSocket : "undefined", "undefined");
  const server = await ScriptedServer.start();
  const client = createRealtimeClient({ wsUrl: server.url });
  t.after(async () => {
    client.disconnect();
    await server.stop();
  });
  await client.connect();
  const messages = new Collected<any>();
  const subscribing = client.subscribe("notifications", messages.add);
  const peer = await server.peer();
  await peer.accept();
  await subscribing;
  peer.send({ type: "broadcast", channel: "notifications", payload: "grüße", userId: "bob" });
  assert.equal((await messages.count(2))[1].payload, "grüße");
});
