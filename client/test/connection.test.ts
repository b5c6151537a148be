import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../dist/address.js";
import { backoff } from "../dist/backoff.js";
import { createClient } from "../dist/client.js";
import { platform } from "../dist/environment.js";
import { ScriptedServer } from "./scripted-server.js";
import { Collected, reaches, scene, Surroundings, until } from "./surroundings.js";

test("connect resolves when connected, and the state says how far it is", async (t) => {
  const { client, states } = await scene(t);
  const connecting = client.connect();
  assert.equal(client.atoms.connectionState.get(), "connecting");
  await connecting;
  assert.deepEqual(states, ["disconnected", "connecting", "connected"]);
});

test("connecting twice is connecting once", async (t) => {
  const { client, server } = await scene(t);
  await Promise.all([client.connect(), client.connect()]);
  await client.connect();
  assert.equal(server.attempts, 1);
});

test("connect rejects when the server refuses the credentials, and does not ask again", async (t) => {
  const { client, server, surroundings, errors } = await scene(t, { auth: "wrong" });
  server.refuseWith = 401;
  await assert.rejects(client.connect(), { name: "RealtimeError", code: "connection_failed" });
  assert.equal(client.atoms.connectionState.get(), "disconnected");
  surroundings.pass(3_600_000);
  assert.equal(server.attempts, 1);
  assert.deepEqual(errors, [], "the call was told");
  server.refuseWith = undefined;
  await client.connect();
});

test("connect rejects when nobody listens, and the client goes on trying", async (t) => {
  const { client, server, surroundings, states } = await scene(t);
  const { port } = server;
  await server.stop();
  await assert.rejects(client.connect(), { code: "connection_failed" });
  assert.deepEqual(states, ["disconnected", "connecting", "reconnecting"]);
  const later = await ScriptedServer.start(port);
  t.after(() => later.stop());
  surroundings.pass(1000);
  await reaches(client, "connected");
});

test("connect while waiting for the next attempt tries at once", async (t) => {
  const { client, server } = await scene(t);
  server.refuseWith = 503;
  await assert.rejects(client.connect());
  server.refuseWith = undefined;
  await client.connect();
  assert.equal(server.attempts, 2);
});

test("without autoReconnect a connection that is lost stays lost", async (t) => {
  const { client, server, surroundings, errors } = await scene(t, { autoReconnect: false });
  await client.connect();
  (await server.peer()).cut();
  await reaches(client, "disconnected");
  surroundings.pass(3_600_000);
  assert.equal(server.attempts, 1);
  assert.equal(errors[0]?.code, "connection_lost");
});

test("disconnect stays disconnected, whatever was going on", async (t) => {
  const { client, server, surroundings, errors } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  client.disconnect();
  assert.equal(await peer.closed, 1000);
  assert.equal(client.atoms.connectionState.get(), "disconnected");

  const connecting = client.connect();
  client.disconnect();
  await assert.rejects(connecting, { code: "disconnected" });

  server.refuseWith = 503;
  await assert.rejects(client.connect(), { code: "connection_failed" });
  client.disconnect();
  server.refuseWith = undefined;
  const before = server.attempts;
  surroundings.pass(3_600_000);
  surroundings.wake();
  client.disconnect();
  assert.equal(client.atoms.connectionState.get(), "disconnected");
  assert.equal(server.attempts, before);
  assert.equal(surroundings.timers, 0);
  assert.equal(surroundings.sleepers, 0);
  assert.deepEqual(errors, []);
});

test("the delay before an attempt is anything below a bound that doubles up to 30 s", () => {
  assert.equal(backoff(0, 1000, () => 0.5), 500);
  assert.equal(backoff(3, 1000, () => 0.5), 4000);
  assert.equal(backoff(3, 1000, () => 0), 0);
  assert.equal(backoff(60, 1000, () => 1), 30_000);
  assert.equal(backoff(5000, 1000, () => 1), 30_000);
});

test("attempts go on without a limit, each after a longer delay", async (t) => {
  const { client, server, surroundings } = await scene(t);
  server.refuseWith = 503;
  const delays: number[] = [];
  for (let attempt = 0; attempt < 12; attempt++) {
    await assert.rejects(client.connect());
    delays.push(surroundings.delays.at(-1)!);
  }
  assert.deepEqual(delays.slice(0, 8), [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  server.refuseWith = undefined;
  surroundings.pass(15_000);
  await reaches(client, "connected");
});

test("after maxReconnectAttempts in a row it gives up, and says so", async (t) => {
  const { client, server, surroundings, errors } = await scene(t, { maxReconnectAttempts: 2 });
  await client.connect();
  const peer = await server.peer();
  server.refuseWith = 503;
  peer.cut();
  await reaches(client, "reconnecting");
  surroundings.pass(500);
  await until(() => surroundings.delays.at(-1) === 1000);
  surroundings.pass(1000);
  await reaches(client, "disconnected");
  assert.equal(server.attempts, 3);
  assert.deepEqual(errors.map(({ code }) => code), ["connection_failed"]);
});

test("a server that stops says when to come back", async (t) => {
  const { client, server, surroundings } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  peer.send({ type: "closing", payload: { code: 4001, reconnectIn: 3400 }, timestamp: 1 });
  peer.socket.close(4001);
  await reaches(client, "reconnecting");
  assert.equal(surroundings.delays.at(-1), 3400);
});

test("a close code from 4500 on is final, one below is not", async (t) => {
  const { client, server, errors, surroundings } = await scene(t);
  await client.connect();
  (await server.peer()).socket.close(4499);
  await reaches(client, "reconnecting");
  surroundings.pass(1000);
  await reaches(client, "connected");
  (await server.peer()).socket.close(4507, "denied");
  await reaches(client, "disconnected");
  assert.match(errors[0]!.message, /4507 denied/);
  surroundings.pass(3_600_000);
  assert.equal(server.attempts, 2);
});

test("a server that accepts and closes is asked at growing delays", async (t) => {
  const { client, server, surroundings } = await scene(t);
  await client.connect();
  const delays: number[] = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    (await server.peer()).cut();
    await reaches(client, "reconnecting");
    delays.push(surroundings.delays.at(-1)!);
    surroundings.pass(delays.at(-1)!);
    await reaches(client, "connected");
  }
  assert.deepEqual(delays, [500, 1000, 2000, 4000]);
  const peer = await server.peer();
  surroundings.pass(10_000);
  await peer.next("heartbeat");
  peer.send({ type: "heartbeat", timestamp: 1 });
  await roundTrip(client, peer);
  surroundings.pass(10_000);
  peer.cut();
  await reaches(client, "reconnecting");
  assert.equal(surroundings.delays.at(-1), 500);
});

test("a half-open connection is noticed: nobody answers the heartbeat", async (t) => {
  const { client, server, surroundings } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  surroundings.pass(10_000);
  await peer.next("heartbeat");
  peer.send({ type: "heartbeat", timestamp: 1 });
  await roundTrip(client, peer);
  surroundings.pass(30_000);
  const { timestamp } = await peer.next("heartbeat");
  assert.equal(timestamp, surroundings.time);
  surroundings.pass(9_999);
  assert.equal(client.atoms.connectionState.get(), "connected");
  surroundings.pass(1);
  assert.equal(client.atoms.connectionState.get(), "reconnecting");
  surroundings.pass(1000);
  await reaches(client, "connected");
});

test("whatever arrives is a sign of life", async (t) => {
  const { client, server, surroundings } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  surroundings.pass(10_000);
  await peer.next("heartbeat");
  await roundTrip(client, peer);
  surroundings.pass(10_000);
  assert.equal(client.atoms.connectionState.get(), "connected");
});

test("a machine that was asleep asks once more before it takes the server for gone", async (t) => {
  const { client, server, surroundings } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  surroundings.pass(10_000);
  await peer.next("heartbeat");
  surroundings.sleep(3_600_000);
  await peer.next("heartbeat");
  assert.equal(client.atoms.connectionState.get(), "connected");
  // In the background of a browser all timers are late, and a dead connection is noticed there, too.
  surroundings.sleep(60_000);
  assert.equal(client.atoms.connectionState.get(), "reconnecting");
});

test("a page that is looked at again asks at once, and waits for half as long", async (t) => {
  const { client, server, surroundings } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  surroundings.wake();
  await peer.next("heartbeat");
  surroundings.pass(5_000);
  assert.equal(client.atoms.connectionState.get(), "reconnecting");
  surroundings.chance = 1;
  surroundings.wake();
  await reaches(client, "connected");
});

test("in a browser it wakes when the page becomes visible and when the network is back", (t) => {
  const page = new EventTarget();
  const globals = globalThis as any;
  globals.document = { hidden: true };
  globals.addEventListener = page.addEventListener.bind(page);
  t.after(() => {
    delete globals.document;
    delete globals.addEventListener;
  });
  let woken = 0;
  const stop = platform.onWake(() => void woken++);
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(woken, 0, "it was hidden");
  globals.document.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  page.dispatchEvent(new Event("online"));
  assert.equal(woken, 2);
  stop();
  page.dispatchEvent(new Event("online"));
  assert.equal(woken, 2);
});

test("the token goes as a subprotocol, or in the URL if it cannot", async (t) => {
  const { client, server } = await scene(t, { auth: "a.b-c_d" });
  await client.connect();
  const peer = await server.peer();
  assert.equal(peer.protocols, "rowtide,bearer.a.b-c_d");
  assert.equal(peer.url, "/realtime");
  client.disconnect();
  await client.setAuth("a b&c=");
  await client.connect();
  const other = await server.peer();
  assert.equal(other.protocols, undefined);
  assert.equal(new URL(other.url, server.url).searchParams.get("token"), "a b&c=");
});

test("the address comes from wsUrl, or from baseURL", () => {
  assert.deepEqual(address({ wsUrl: "ws://h:1/live?userId=ann" }, "a b"), ["ws://h:1/live?userId=ann&token=a+b", []]);
  assert.deepEqual(address({ baseURL: "https://api.example.com:3000/v1" }), ["wss://api.example.com:3000/realtime", []]);
  assert.deepEqual(address({ baseURL: "http://localhost:3001" }), ["ws://localhost:3001/realtime", []]);
  assert.deepEqual(address({ wsUrl: "http://h/realtime" }), ["ws://h/realtime", []]);
  assert.throws(() => address({ wsUrl: "nonsense" }), { code: "bad_options" });
  assert.throws(() => address({}), { code: "bad_options" });
});

test("an address that is none rejects connect, and nothing is tried", async () => {
  const surroundings = new Surroundings();
  const client = createClient({}, surroundings);
  await assert.rejects(client.connect(), { code: "bad_options", message: /wsUrl or baseURL/ });
  assert.equal(client.atoms.connectionState.get(), "disconnected");
  assert.equal(surroundings.timers, 0);
});

test("a function for the token is asked for each connection; when it fails that attempt has failed", async (t) => {
  const answers: (() => string)[] = [
    () => "one",
    () => {
      throw new Error("no session");
    },
    () => "two",
  ];
  const { client, server, surroundings } = await scene(t, { auth: async () => answers.shift()!() });
  await client.connect();
  const peer = await server.peer();
  assert.equal(peer.protocols, "rowtide,bearer.one");
  peer.cut();
  await reaches(client, "reconnecting");
  await assert.rejects(client.connect(), { code: "connection_failed", message: /no session/ });
  surroundings.pass(1_000);
  assert.equal((await server.peer()).protocols, "rowtide,bearer.two");
});

test("a token function that never answers does not hold up the next attempt", async (t) => {
  let asked = 0;
  const { client, surroundings, server } = await scene(t, { auth: () => (asked++ ? "ok" : new Promise<string>(() => {})) });
  const connecting = assert.rejects(client.connect(), { code: "connection_failed" });
  surroundings.pass(10_000);
  await connecting;
  surroundings.pass(1_000);
  assert.equal((await server.peer()).protocols, "rowtide,bearer.ok");
});

const jwt = (exp: number, name: string) => `h.${Buffer.from(JSON.stringify({ exp, name })).toString("base64url")}.${name}`;

test("a JWT is replaced on the live connection before it expires", async (t) => {
  let made = 0;
  const { client, server, surroundings, errors } = await scene(t, { auth: () => jwt(1_000 + 5 * ++made, `t${made}`) });
  await client.connect();
  const peer = await server.peer();
  surroundings.pass(4_499);
  assert.equal(made, 1);
  surroundings.pass(1);
  const auth = await peer.next("auth");
  assert.equal(auth.payload.token, jwt(1_010, "t2"));
  peer.send({ type: "ack", id: auth.id, timestamp: 1 });
  await roundTrip(client, peer);
  surroundings.pass(4_950);
  await peer.next("auth");
  assert.deepEqual(errors, []);
});

test("setAuth brings a new token, and rejects when it is refused", async (t) => {
  const { client, server } = await scene(t, { auth: "one" });
  await client.connect();
  const peer = await server.peer();
  const refused = client.setAuth("two");
  const auth = await peer.next("auth");
  assert.deepEqual(auth.payload, { token: "two" });
  peer.error(auth, "unauthorized");
  await assert.rejects(refused, { code: "unauthorized", message: "it is unauthorized" });
  const accepted = client.setAuth("three");
  peer.send({ type: "ack", id: (await peer.next("auth")).id, timestamp: 1 });
  await accepted;
});

test("an expired credential is replaced by coming back with a new one", async (t) => {
  let made = 0;
  const { client, server, surroundings, errors } = await scene(t, { auth: () => `t${++made}` });
  await client.connect();
  const peer = await server.peer();
  peer.error({}, "token_expired");
  peer.socket.close(4010);
  await reaches(client, "reconnecting");
  surroundings.pass(1_000);
  assert.equal((await server.peer()).protocols, "rowtide,bearer.t2");
  assert.deepEqual(errors.map(({ code }) => code), ["token_expired"]);
});

test("a call without a connection rejects, and one whose connection breaks, too", async (t) => {
  const { client, server } = await scene(t);
  await assert.rejects(client.broadcast("c", 1), { code: "not_connected" });
  await client.connect();
  const peer = await server.peer();
  const broken = client.broadcast("c", 1);
  await peer.next("broadcast");
  peer.cut();
  await assert.rejects(broken, { code: "connection_lost" });
  const ended = client.connect().then(() => client.broadcast("c", 2));
  await (await server.peer()).next("broadcast");
  client.disconnect();
  await assert.rejects(ended, { code: "disconnected" });
});

test("what is no JSON, and what is not known, is passed over", async (t) => {
  const { client, server, errors } = await scene(t);
  await client.connect();
  const peer = await server.peer();
  for (const text of ["", "{", "null", "5", '"x"', "[]", '{"type":"novelty","channel":"c","id":7}', '{"type":"novelty"}']) {
    peer.socket.send(text);
  }
  await roundTrip(client, peer);
  assert.deepEqual(errors, []);
});

test("a state listener may connect again at once", async (t) => {
  const { client, server } = await scene(t, { autoReconnect: false });
  await client.connect();
  const again = new Collected<Promise<void>>();
  const stop = client.atoms.connectionState.listen((state) => state === "disconnected" && again.add(client.connect()));
  (await server.peer()).cut();
  await (await again.count(1))[0];
  stop();
  assert.equal(client.atoms.connectionState.get(), "connected");
});

/** Whatever the server sent before has been dealt with. */
async function roundTrip(client: { broadcast(channel: string, payload: unknown): Promise<void> }, peer: { next(type: string): Promise<any>; send(message: object): void }) {
  const done = client.broadcast("fence", 0);
  peer.send({ type: "ack", id: (await peer.next("broadcast")).id, timestamp: 1 });
  await done;
}
