import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { RealtimeError } from "../dist/errors.js";
import type { GapEvent } from "../dist/types.js";
import type { Peer } from "./scripted-server.js";
import { Collected, reaches, type Scene, scene } from "./surroundings.js";

/** A scene with a connected client. */
async function connected(t: TestContext): Promise<Scene & { peer: Peer }> {
  const made = await scene(t);
  await made.client.connect();
  return { ...made, peer: await made.server.peer() };
}

/** Breaks the connection and lets the client come back. */
async function comeBack({ client, server, surroundings }: Scene, peer: Peer): Promise<Peer> {
  peer.cut();
  await reaches(client, "reconnecting");
  surroundings.pass(surroundings.delays.at(-1)!);
  await reaches(client, "connected");
  return server.peer();
}

/** Whatever was sent before, by either side, has arrived. */
async function fence({ client }: Pick<Scene, "client">, peer: Peer): Promise<void> {
  const done = client.broadcast("fence", 0);
  peer.send({ type: "ack", id: (await peer.next("broadcast")).id });
  await done;
}

const positions = (events: { position: string }[]) => events.map(({ position }) => position);

test("subscribe resolves when the server says so, and changes are called back", async (t) => {
  const { client, peer } = await connected(t);
  const events = new Collected<any>();
  const subscribing = client.subscribeToResource("post", events.add);
  const subscribe = await peer.next("subscribe");
  assert.equal(subscribe.channel, "resource:post");
  assert.equal(subscribe.payload.since, undefined);
  peer.subscribed(subscribe, { position: "p1" });
  await subscribing;
  peer.change("resource:post", "p2");
  assert.deepEqual((await events.count(1))[0].data, { id: "p2" });
});

test("a record's channel is named as the server names it", async (t) => {
  const { client, peer } = await connected(t);
  const ids: [Parameters<typeof client.subscribeToRecord>[1], string][] = [
    ["post-123", "post:post-123"],
    [42, "post:42"],
    [0, "post:0"],
    [9007199254740993n, "post:9007199254740993"],
    ["a:b,c%d", "post:a:b,c%d"],
    [["a,b", "50%", 7], "post:a%2Cb,50%25,7"],
  ];
  for (const [id, channel] of ids) {
    const subscribing = client.subscribeToRecord("post", id, () => {});
    assert.equal((await peer.accept()).channel, channel);
    (await subscribing)();
    await peer.next("unsubscribe");
  }
});

test("what is subscribed before connect waits for it", async (t) => {
  const made = await scene(t);
  const events = new Collected<any>();
  const off = await made.client.subscribeToResource("post", events.add);
  const gone = await made.client.subscribeToResource("comment", events.add);
  gone();
  await made.client.connect();
  const peer = await made.server.peer();
  assert.equal((await peer.accept({ position: "p1" })).channel, "resource:post");
  peer.change("resource:post", "p2");
  await events.count(1);
  off();
  assert.equal((await peer.next("unsubscribe")).channel, "resource:post");
});

test("an error about what was subscribed before connect is reported", async (t) => {
  const made = await scene(t);
  await made.client.subscribeToResource("nonsense", () => {});
  const told = new Collected<RealtimeError>();
  await made.client.subscribeToResource("secret", () => {}, { onError: told.add });
  await made.client.connect();
  const peer = await made.server.peer();
  peer.error(await peer.next("subscribe"), "bad_channel");
  peer.error(await peer.next("subscribe"), "forbidden");
  assert.equal((await told.count(1))[0]!.channel, "resource:secret");
  assert.deepEqual(made.errors.map(({ code, channel }) => [code, channel]), [["bad_channel", "resource:nonsense"]]);
});

test("several callbacks share one subscription, which ends with the last", async (t) => {
  const made = await connected(t);
  const { client, peer, errors } = made;
  const first = new Collected<any>();
  const second = new Collected<any>();
  const subscribing = [client.subscribeToResource("post", first.add), client.subscribeToResource("post", second.add)];
  await peer.accept({ position: "p1" });
  const [offFirst, offSecond] = await Promise.all(subscribing);
  const third = await client.subscribe("resource:post", () => {});
  peer.change("resource:post", "p2");
  await Promise.all([first.count(1), second.count(1)]);
  offFirst!();
  offFirst!();
  third();
  peer.change("resource:post", "p3");
  await second.count(2);
  await fence(made, peer);
  offSecond!();
  offSecond!();
  assert.equal((await peer.next()).type, "unsubscribe");
  await fence(made, peer);
  assert.equal(first.items.length, 1);
  assert.deepEqual(errors, []);
});

test("a callback that was taken off is not called any more, even by the event that is being told", async (t) => {
  const { client, peer } = await connected(t);
  const calls: string[] = [];
  let offOther = () => {};
  const done = new Collected<any>();
  const subscribing = Promise.all([
    client.subscribeToResource("post", () => {
      calls.push("first");
      offOther();
      client.subscribeToResource("post", () => calls.push("newcomer")).catch(() => {});
    }),
    client.subscribeToResource("post", () => calls.push("other")),
    client.subscribeToResource("post", done.add),
  ]);
  await peer.accept({ position: "p1" });
  [, offOther] = await subscribing;
  peer.change("resource:post", "p2");
  await done.count(1);
  assert.deepEqual(calls, ["first"]);
});

test("a callback that throws keeps nobody from the event, and is reported", async (t) => {
  const made = await connected(t);
  const { client, peer, errors } = made;
  const events = new Collected<any>();
  const subscribing = Promise.all([
    client.subscribeToResource("post", () => {
      throw new TypeError("broken");
    }),
    client.subscribeToResource("post", events.add),
  ]);
  await peer.accept({ position: "p1" });
  await subscribing;
  peer.change("resource:post", "p2");
  await events.count(1);
  assert.equal(errors[0]!.code, "callback_threw");
  assert.match(errors[0]!.message, /broken/);
  assert.ok(errors[0]!.cause instanceof TypeError);
  const again = await comeBack(made, peer);
  assert.equal((await again.next("subscribe")).payload.since, "p2", "it was delivered all the same");
});

test("after a reconnect it goes on behind the last event", async (t) => {
  const made = await connected(t);
  const { client, peer } = made;
  const events = new Collected<any>();
  const subscribing = client.subscribeToResource("post", events.add);
  await peer.accept({ position: "p1" });
  await subscribing;

  const second = await comeBack(made, peer);
  const subscribe = await second.next("subscribe");
  assert.equal(subscribe.payload.since, "p1", "that of subscribed, as long as there is no event");
  second.subscribed(subscribe, { position: "p1", recovered: true, replayed: 2 });
  second.change("resource:post", "p2");
  await events.count(1);

  const third = await comeBack(made, second);
  const resumed = await third.next("subscribe");
  assert.equal(resumed.payload.since, "p2");
  third.subscribed(resumed, { position: "p9", recovered: true, replayed: 1 });
  await fence(made, third);

  const fourth = await comeBack(made, third);
  assert.equal((await fourth.next("subscribe")).payload.since, "p2", "what is to be replayed has not come, whatever subscribed says");
});

test("heartbeats carry the position of quiet channels forward, but not of one that has not been answered", async (t) => {
  const made = await connected(t);
  const { client, peer } = made;
  const subscribing = client.subscribeToResource("post", () => {});
  await peer.accept({ position: "p1" });
  await subscribing;
  client.subscribeToResource("comment", () => {}).catch(() => {});
  await peer.next("subscribe");
  peer.send({ type: "heartbeat", position: "p7", timestamp: 1 });
  peer.send({ type: "heartbeat", timestamp: 1 });
  await fence(made, peer);
  const again = await comeBack(made, peer);
  const asked = [await again.next("subscribe"), await again.next("subscribe")];
  assert.deepEqual(
    asked.map(({ channel, payload }) => [channel, payload.since]),
    [
      ["resource:post", "p7"],
      ["resource:comment", undefined],
    ],
  );
});

test("what comes before the answer does not count", async (t) => {
  const made = await connected(t);
  const { client, peer } = made;
  const events = new Collected<any>();
  const off = client.subscribeToResource("post", events.add);
  const first = await peer.accept({ position: "p1" });
  (await off)();
  const again = client.subscribeToResource("post", events.add);
  await peer.next("unsubscribe");
  const second = await peer.next("subscribe");
  peer.change("resource:post", "p2");
  peer.subscribed(first, { position: "p2" });
  peer.send({ type: "unsubscribed", channel: "resource:post", id: 1 });
  peer.change("resource:post", "p3");
  peer.subscribed(second, { position: "p4" });
  await again;
  peer.change("resource:post", "p5");
  assert.deepEqual(positions(await events.count(1)), ["p5"]);
});

test("subscriptions outlive disconnect, and go on when it is connected again", async (t) => {
  const made = await connected(t);
  const { client, peer, server } = made;
  const subscribing = client.subscribeToResource("post", () => {});
  await peer.accept({ position: "p1" });
  await subscribing;
  client.disconnect();
  await client.connect();
  assert.equal((await (await server.peer()).next("subscribe")).payload.since, "p1");
});

test("a gap is an event of its own", async (t) => {
  const made = await connected(t);
  const { client, peer, errors } = made;
  const gaps = new Collected<GapEvent>();
  const events = new Collected<any>();
  const subscribing = client.subscribeToResource("post", events.add, { onGap: gaps.add });
  await peer.accept({ position: "p1" });
  await subscribing;
  const again = await comeBack(made, peer);
  const subscribe = await again.next("subscribe");
  again.subscribed(subscribe, { position: "p8", recovered: false, replayed: 0 });
  again.send({ type: "gap", channel: "resource:post", payload: { since: "p1", reason: "history_expired", action: "resnapshot" }, timestamp: 1 });
  assert.deepEqual(await gaps.count(1), [{ since: "p1", reason: "history_expired", action: "resnapshot" }]);
  assert.deepEqual(events.items, []);
  const third = await comeBack(made, again);
  assert.equal((await third.next("subscribe")).payload.since, "p8", "it goes on from the answer");
  assert.deepEqual(errors, []);
});

test("a gap that nobody handles is reported", async (t) => {
  const made = await connected(t);
  const { client, peer, errors } = made;
  const subscribing = client.subscribeToResource("post", () => {});
  await peer.accept({ position: "p1" });
  await subscribing;
  peer.send({ type: "gap", channel: "resource:post", payload: { since: "p1", reason: "permissions_changed", action: "resnapshot" } });
  await fence(made, peer);
  assert.deepEqual(errors.map(({ code, channel, message }) => [code, channel, message.includes("permissions_changed")]), [["gap", "resource:post", true]]);
});

test("a break before the server knew a position is a gap", async (t) => {
  const made = await connected(t);
  const gaps = new Collected<GapEvent>();
  const subscribing = made.client.subscribeToResource("post", () => {}, { onGap: gaps.add });
  await made.peer.accept({});
  await subscribing;
  const again = await comeBack(made, made.peer);
  assert.equal((await again.accept({ position: "p3" })).payload.since, undefined);
  assert.deepEqual(await gaps.count(1), [{ reason: "unknown_position", action: "resnapshot" }]);
});

test("a position that the server does not know is a gap, and the subscription goes on", async (t) => {
  const made = await connected(t);
  const gaps = new Collected<GapEvent>();
  const subscribing = made.client.subscribeToResource("post", () => {}, { since: "p0", onGap: gaps.add });
  const subscribe = await made.peer.next("subscribe");
  assert.equal(subscribe.payload.since, "p0");
  made.peer.error(subscribe, "unknown_position");
  assert.equal((await made.peer.accept({ position: "p3" })).payload.since, undefined);
  await subscribing;
  assert.equal((await gaps.count(1))[0]!.reason, "unknown_position");
});

test("custom channels have no positions to go on from", async (t) => {
  const made = await connected(t);
  const { client, peer, errors } = made;
  const messages = new Collected<any>();
  const subscribing = Promise.all([client.subscribe("notifications", messages.add), client.subscribe("doc:42", messages.add)]);
  await peer.accept({ position: "p1" });
  await peer.accept({ position: "p1" });
  await subscribing;
  const again = await comeBack(made, peer);
  assert.equal((await again.accept({ position: "p2" })).payload.since, undefined);
  const doc = await again.next("subscribe");
  assert.equal(doc.payload.since, "p1", "that it is nobody's record only the server knows");
  again.error(doc, "bad_message");
  assert.equal((await again.accept({ position: "p2" })).payload.since, undefined);
  await fence(made, again);
  const third = await comeBack(made, again);
  await third.accept({ position: "p3" });
  assert.equal((await third.accept({ position: "p3" })).payload.since, undefined, "once is enough");
  third.send({ type: "broadcast", channel: "doc:42", payload: 0, userId: "bob", timestamp: 1 });
  await fence(made, third);
  assert.deepEqual(messages.items.at(-1), { type: "broadcast", channel: "doc:42", payload: 0, userId: "bob", timestamp: 1 });
  assert.deepEqual(errors, []);
});

test("an error rejects the call that caused it, and leaves nothing behind", async (t) => {
  const made = await connected(t);
  const { client, peer, errors } = made;
  const refused = client.subscribeToResource("nonsense", () => {}, { filter: { a: 1 } });
  peer.error(await peer.next("subscribe"), "bad_filter", { retryAfter: 5 });
  await assert.rejects(refused, { code: "bad_filter", channel: "resource:nonsense", retryAfter: 5, message: "it is bad_filter" });
  const again = await comeBack(made, peer);
  await fence(made, again);
  assert.deepEqual(errors, []);
});

test("a subscription that the server ends is over, and somebody is told", async (t) => {
  const made = await connected(t);
  const { client, peer, errors } = made;
  const told = new Collected<RealtimeError>();
  const raw = new Collected<any>();
  const subscribing = Promise.all([
    client.subscribeToResource("post", () => {}, { onError: told.add }),
    client.subscribeToResource("comment", () => {}),
    client.subscribe("doc", raw.add),
  ]);
  for (let count = 0; count < 3; count++) {
    await peer.accept({ position: "p1" });
  }
  const [off] = await subscribing;
  for (const channel of ["resource:post", "resource:comment", "doc"]) {
    peer.error({ channel }, "forbidden");
  }
  await fence(made, peer);
  assert.deepEqual(told.items.map(({ code, channel }) => [code, channel]), [["forbidden", "resource:post"]]);
  assert.deepEqual(errors.map(({ code, channel }) => [code, channel]), [["forbidden", "resource:comment"]]);
  assert.equal(raw.items.at(-1).type, "error");
  off();
  const again = await comeBack(made, peer);
  await fence(made, again);
});

test("an error that passes is waited for when it comes back", async (t) => {
  const made = await connected(t);
  const { client, peer, surroundings, errors } = made;
  const subscribing = client.subscribeToResource("post", () => {});
  await peer.accept({ position: "p1" });
  await subscribing;
  const again = await comeBack(made, peer);
  again.error(await again.next("subscribe"), "rate_limited", { retryAfter: 700 });
  await fence(made, again);
  surroundings.pass(700);
  const subscribe = await again.next("subscribe");
  assert.equal(subscribe.payload.since, "p1");
  again.error(subscribe, "unavailable");
  await fence(made, again);
  surroundings.pass(2_000);
  await again.accept({ position: "p1", recovered: true });
  await fence(made, again);
  assert.deepEqual(errors, []);
});

test("whoever waits for an answer over a break gets it afterwards, or the reason why not", async (t) => {
  const made = await connected(t);
  const { client, peer } = made;
  const subscribing = client.subscribeToResource("post", () => {});
  await peer.next("subscribe");
  const again = await comeBack(made, peer);
  await again.accept({ position: "p1" });
  await subscribing;
  const never = client.subscribeToResource("comment", () => {});
  await again.next("subscribe");
  client.disconnect();
  await assert.rejects(never, { code: "disconnected" });
  await client.connect();
  const third = await made.server.peer();
  assert.equal((await third.accept({ position: "p2" })).channel, "resource:post");
  await fence(made, third);
});

test("another view of a channel has a connection of its own, as long as it is needed", async (t) => {
  const made = await connected(t);
  const { client, peer, server, errors } = made;
  const open = new Collected<any>();
  const closed = new Collected<any>();
  const subscribing = client.subscribeToResource("post", open.add, { filter: { status: "open" } });
  assert.deepEqual((await peer.accept({ position: "p1" })).payload.filter, { status: "open" });
  await subscribing;
  const others = Promise.all([
    client.subscribeToResource("post", closed.add, { filter: { status: "closed" } }),
    client.subscribeToResource("post", closed.add, { filter: { status: "closed" } }),
  ]);
  const further = await server.peer();
  assert.deepEqual((await further.accept({ position: "p1" })).payload.filter, { status: "closed" });
  const offs = await others;
  peer.change("resource:post", "p2");
  further.change("resource:post", "p3");
  assert.deepEqual(positions(await open.count(1)), ["p2"]);
  assert.deepEqual(positions(await closed.count(2)), ["p3", "p3"]);

  client.disconnect();
  await Promise.all([peer.closed, further.closed]);
  await client.connect();
  const resumed = [await server.peer(), await server.peer()];
  const asked = await Promise.all(resumed.map((one) => one.next("subscribe")));
  assert.deepEqual(asked.map(({ payload }) => payload.since).sort(), ["p2", "p3"]);
  const at = asked.findIndex(({ payload }) => payload.filter.status === "closed");
  offs[0]!();
  offs[0]!();
  await fence(made, resumed[1 - at]!);
  offs[1]!();
  assert.equal(await resumed[at]!.closed, 1000);
  assert.equal(client.atoms.connectionState.get(), "connected");
  assert.deepEqual(errors, []);
});

test("a second subscriber with a position of its own has a connection of its own", async (t) => {
  const { client, peer, server } = await connected(t);
  const subscribing = client.subscribeToResource("post", () => {});
  await peer.accept({ position: "p5" });
  await subscribing;
  const late = client.subscribeToResource("post", () => {}, { since: "p1" });
  const further = await server.peer();
  assert.equal((await further.accept({ position: "p1", recovered: true })).payload.since, "p1");
  await late;
});

test("a snapshot brings the rows, then the changes, and is not repeated where the server can go on", async (t) => {
  const made = await connected(t);
  const { client, peer } = made;
  const story = new Collected<any>();
  const subscribing = client.subscribeToResource("post", (event) => story.add(event.position), {
    snapshot: true,
    columns: ["id"],
    onSnapshot: (event) => story.add(event),
  });
  const { id, payload } = await peer.accept({ position: "p1" });
  assert.deepEqual([payload.snapshot, payload.columns], [true, ["id"]]);
  await subscribing;
  peer.send({ type: "snapshot", channel: "resource:post", id, payload: { rows: [{ id: 1 }], ids: [1], position: "p1", last: false } });
  await story.count(1);

  // In the middle of the rows: they begin anew.
  const again = await comeBack(made, peer);
  const second = await again.accept({ position: "p2" });
  assert.deepEqual([second.payload.snapshot, second.payload.since], [true, undefined]);
  again.send({ type: "snapshot", channel: "resource:post", id: second.id, payload: { rows: [{ id: 1 }], position: "p2" } });
  again.send({ type: "snapshot", channel: "resource:post", id: second.id, payload: { rows: [], position: "p2", last: true } });
  again.change("resource:post", "p3");
  assert.deepEqual(await story.count(4), [
    { rows: [{ id: 1 }], ids: [1], position: "p1", first: true, last: false },
    { rows: [{ id: 1 }], position: "p2", first: true, last: false },
    { rows: [], position: "p2", first: false, last: true },
    "p3",
  ]);

  const third = await comeBack(made, again);
  const resumed = await third.accept({ position: "p3", recovered: true, replayed: 1 });
  assert.deepEqual([resumed.payload.snapshot, resumed.payload.since], [true, "p3"]);
  third.change("resource:post", "p4");
  assert.deepEqual((await story.count(5)).at(-1), "p4");

  const fourth = await comeBack(made, third);
  const anew = await fourth.accept({ position: "p9", recovered: false });
  assert.equal(anew.payload.since, "p4");
  fourth.send({ type: "snapshot", channel: "resource:post", id: anew.id, payload: { rows: [{ id: 9 }], position: "p9", last: true } });
  assert.deepEqual((await story.count(6)).at(-1), { rows: [{ id: 9 }], position: "p9", first: true, last: true });
  assert.deepEqual(made.errors, []);
});

test("a snapshot that fails after the answer is taken again; one that fails before rejects the call", async (t) => {
  const made = await connected(t);
  const { client, peer, surroundings } = made;
  const snapshots = new Collected<any>();
  const options = { snapshot: true, onSnapshot: snapshots.add };
  const refused = client.subscribeToResource("post", () => {}, options);
  peer.error(await peer.next("subscribe"), "unavailable", { retryAfter: 100 });
  await assert.rejects(refused, { code: "unavailable", retryAfter: 100 });

  const subscribing = client.subscribeToResource("post", () => {}, options);
  const { id } = await peer.accept({ position: "p1" });
  await subscribing;
  peer.error({ channel: "resource:post", id }, "unavailable", { retryAfter: 100 });
  await fence(made, peer);
  surroundings.pass(100);
  const again = await peer.accept({ position: "p2" });
  assert.equal(again.payload.snapshot, true);
  peer.send({ type: "snapshot", channel: "resource:post", id: again.id, payload: { rows: [], position: "p2", last: true } });
  await snapshots.count(1);
  assert.deepEqual(made.errors, []);
});

test("a newcomer to a snapshot gets all rows, and those who were there get them again", async (t) => {
  const { client, peer } = await connected(t);
  const first = new Collected<any>();
  const second = new Collected<any>();
  const subscribing = client.subscribeToResource("post", () => {}, { snapshot: true, onSnapshot: first.add });
  const one = await peer.accept({ position: "p1" });
  await subscribing;
  peer.send({ type: "snapshot", channel: "resource:post", id: one.id, payload: { rows: [1], position: "p1", last: true } });
  await first.count(1);
  const joining = client.subscribeToResource("post", () => {}, { snapshot: true, onSnapshot: second.add });
  const two = await peer.accept({ position: "p2" });
  assert.equal(two.payload.since, undefined);
  await joining;
  peer.send({ type: "snapshot", channel: "resource:post", id: two.id, payload: { rows: [1, 2], position: "p2", last: true } });
  assert.deepEqual((await second.count(1))[0].rows, [1, 2]);
  assert.deepEqual((await first.count(2)).map(({ rows, first }) => [rows, first]), [[[1], true], [[1, 2], true]]);
});

test("what is missing or of the wrong kind rejects at once", async (t) => {
  const { client, errors } = await scene(t);
  const wrong = client as any;
  await assert.rejects(wrong.subscribe("c"), TypeError);
  await assert.rejects(wrong.subscribe(undefined, () => {}), TypeError);
  await assert.rejects(wrong.subscribe("", () => {}), TypeError);
  await assert.rejects(wrong.subscribeToResource(undefined, () => {}), TypeError);
  await assert.rejects(wrong.subscribeToResource("post"), TypeError);
  await assert.rejects(wrong.subscribeToRecord("post", undefined, () => {}), TypeError);
  await assert.rejects(wrong.subscribeToRecord("post", "", () => {}), TypeError);
  await assert.rejects(wrong.subscribeToPresence("c"), TypeError);
  await assert.rejects(wrong.subscribeToResource("post", () => {}, { snapshot: true }), { code: "bad_options", message: /onSnapshot/ });
  assert.deepEqual(errors, []);
});

test("no event is lost and none comes twice, wherever the connection breaks", async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const made = await scene(t);
    const { client, server, surroundings } = made;
    let state = seed;
    const random = (below: number) => {
      state = (state * 48271) % 2147483647;
      return state % below;
    };
    // A server with a log: it sends behind `since`, and breaks off anywhere, also within what it replays or with much of it still in its buffers.
    const length = 60;
    const got: number[] = [];
    const end = new Collected<number>();
    const serve = async () => {
      let written = 0;
      while (got.length < length) {
        const peer = await server.peer();
        const subscribe = await peer.next("subscribe");
        const since = Number(subscribe.payload.since ?? 0);
        if (random(4) === 0) {
          peer.cut();
          continue;
        }
        peer.subscribed(subscribe, since ? { position: String(since), recovered: true, replayed: written - since } : { position: "0" });
        written = Math.min(length, Math.max(written, since) + random(15));
        for (let position = since + 1; position <= written; position++) {
          peer.change("resource:post", String(position));
        }
        if (random(2) && written < length) {
          peer.send({ type: "heartbeat", position: String(written) });
        }
        if (written === length) {
          await end.count(1);
        } else if (random(2)) {
          peer.socket.close(4001);
        } else {
          peer.cut();
        }
      }
    };
    const serving = serve();
    const comeBackAtOnce = client.atoms.connectionState.listen((now) => {
      if (now === "reconnecting") {
        setImmediate(() => surroundings.pass(surroundings.delays.at(-1)!));
      }
    });
    surroundings.chance = 0.0001;
    await client.subscribeToResource("post", ({ position }) => {
      got.push(Number(position));
      if (got.length === length) {
        end.add(length);
      }
    });
    await client.connect();
    await end.count(1);
    comeBackAtOnce();
    client.disconnect();
    await serving;
    assert.deepEqual(got, Array.from({ length }, (_, index) => index + 1), `seed ${seed}`);
    assert.deepEqual(made.errors, []);
  }
});
