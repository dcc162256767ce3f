import assert from "node:assert/strict";
import test from "node:test";

import { Link } from "../../workbench/widgets/static/link.js";
import { Unacknowledged } from "../../workbench/widgets/static/unacknowledged.js";
import { World, settle } from "./world.mjs";

/** A link in a world where time is told and connections are made by hand. */
function linked({ ways = [{ way: "direct", url: "ws://a" }], token = async () => "t", had = null } = {}) {
  const world = new World();
  const log = new Unacknowledged(16_000);
  const told = { statuses: [], events: [], controls: [], audio: [], pongs: [] };
  const receiver = {
    welcomed: () => {},
    pong: (sent, at) => told.pongs.push([sent, at]),
    event: (wire) => told.events.push(wire),
    control: (wire) => told.controls.push(wire),
    audio: (packet) => told.audio.push(packet),
    resumption: () => ({ seen: { events: told.events.length, controls: 0, audio: 0 }, at: 0, turn: 0, reply: 0, received: 0, ...log.oldest }),
    acknowledged: () => ({ events: told.events.length, controls: 0, audio: 0 }),
    status: (status) => told.statuses.push(status),
  };
  const link = new Link({
    ways, token, log, receiver, had, timers: world.timers, random: () => 1,
    open: { type: "open", assistant: "coffee" },
    transports: { direct: world.dial, proxied: world.dial },
  });
  return { world, log, told, link, kinds: () => told.statuses.map((one) => one.status) };
}

const welcome = (more = {}) => ({ type: "welcome", session: "s", handle: "h", how: "opened", hold: 60, expires_in: 300, messages: 0, position: 0, at: 0, ...more });

async function live(parts) {
  parts.link.start();
  await settle();
  const call = parts.world.call();
  call.opened();
  call.say(welcome());
  return call;
}

test("it opens, says what waits, and acknowledges what came", async () => {
  // if it failed, nothing would be heard, and the endpoint would keep all it sent
  const parts = linked();
  parts.log.addText((number) => `text ${number}`);
  const call = await live(parts);
  assert.deepEqual(call.sent, [{ type: "open", assistant: "coffee" }, "text 0"]);
  call.say({ type: "speech-started", seq: 0 });
  parts.world.advance(0.3);
  assert.deepEqual(call.sent[2], { type: "ack", seen: { events: 1, controls: 0, audio: 0 } });
  assert.equal(call.sent[3].type, "ping");
  call.say({ type: "pong", sent: 0.25, at: 3 });
  assert.deepEqual(parts.told.pongs, [[0.25, 3]]);
  parts.world.advance(0.25);
  assert.equal(call.sent.filter((one) => one.type === "ack").length, 1);
  assert.deepEqual(parts.kinds(), ["connecting", "live"]);
});

test("a lost connection is resumed and what was not acknowledged is sent again", async () => {
  // if it failed, a hiccup of the network would end the call
  const parts = linked();
  const call = await live(parts);
  for (let n = 0; n < 3; n++) parts.log.addText((number) => `text ${number}`);
  parts.link.pump();
  call.say({ type: "ack", messages: 1, position: 0, at: 0 });
  parts.world.advance(5);
  call.closed(1006, "");
  parts.world.advance(0.2);
  await settle();
  const next = parts.world.call();
  next.opened();
  assert.equal(next.sent[0].type, "resume");
  assert.deepEqual([next.sent[0].session, next.sent[0].handle, next.sent[0].messages], ["s", "h", 1]);
  assert.deepEqual(next.sent[0].otherwise, { type: "open", assistant: "coffee" });
  next.say(welcome({ how: "resumed", messages: 2 }));
  assert.deepEqual(next.sent.slice(1), ["text 2"]);
  assert.deepEqual(parts.kinds(), ["connecting", "live", "reconnecting", "live"]);
});

test("an endpoint that falls silent is left: a laptop slept, a network died without a word", async () => {
  // if it failed, a page that wakes up would talk to nobody for minutes
  const parts = linked();
  const call = await live(parts);
  parts.world.advance(20, { pongs: call });
  assert.deepEqual(parts.kinds(), ["connecting", "live"]);
  parts.world.advance(9);
  assert.equal(call.left, true);
  assert.equal(parts.told.statuses.at(-1).status, "reconnecting");
  assert.equal(parts.told.statuses.at(-1).sentence, "the endpoint has fallen silent");
});

test("an event that is missing, or a broken packet, leads to a new connection", async () => {
  // if it failed, the transcript would have a hole, or an error nobody sees would end the worker
  const parts = linked();
  const call = await live(parts);
  call.raw(new ArrayBuffer(3));
  assert.match(parts.told.statuses.at(-1).sentence, /^the endpoint broke the protocol: 3 bytes/);
  call.say({ type: "speech-started", seq: 1 });
  assert.deepEqual(parts.told.events, []);
});

test("the first connection tries each way once, then says what was most telling", async () => {
  // if it failed, a hub's users would have to know which way is theirs
  const parts = linked({ ways: [{ way: "direct", url: "ws://a" }, { way: "proxied", url: "ws://b" }] });
  parts.link.start();
  await settle();
  parts.world.call().closed(1006, "", undefined, "nobody at a");
  parts.world.advance(0.01);
  await settle();
  assert.equal(parts.world.call().url, "ws://b");
  parts.world.call().closed(1006, "", 403, "b says no");
  assert.deepEqual(parts.told.statuses.at(-1), { way: "proxied", status: "failed", code: 403, sentence: "b says no" });
  parts.world.advance(100);
  assert.equal(parts.world.calls.length, 2);
});

test("a session that goes another way than the first says which, and why", async () => {
  // if it failed, who asked for WebRTC would have a WebSocket and never know
  const parts = linked({ ways: [{ way: "proxied", url: "ws://a" }, { way: "direct", url: "ws://b" }] });
  parts.link.start();
  await settle();
  parts.world.call().closed(1006, "", 501, "nothing of the kind is installed");
  parts.world.advance(0.01);
  await settle();
  parts.world.call().opened();
  parts.world.call().say({ type: "welcome", session: "s", handle: "h", how: "opened", hold: 60, expires_in: 300, messages: 0, position: 0, at: 0 });
  const instead = { way: "proxied", sentence: "nothing of the kind is installed" };
  assert.deepEqual(parts.told.statuses.at(-1), { way: "direct", status: "live", instead });
});

test("what the endpoint refuses by one way is not asked by the next", async () => {
  // if it failed, a misspelt assistant would be blamed on the last way's network
  const parts = linked({ ways: [{ way: "direct", url: "ws://a" }, { way: "proxied", url: "ws://b" }] });
  parts.link.start();
  await settle();
  parts.world.call().opened();
  parts.world.call().closed(4404, "no assistant of that name");
  parts.world.advance(1);
  assert.equal(parts.world.calls.length, 1);
  assert.deepEqual(parts.told.statuses.at(-1), { way: "direct", status: "failed", code: 4404, sentence: "no assistant of that name" });
});

test("a session that was ended is not begun again", async () => {
  // if it failed, a page that another tab replaced would take the session back, and so on
  for (const code of [1000, 1011, 4400, 4403, 4409, 4410, 4411]) {
    const parts = linked();
    const call = await live(parts);
    call.closed(code, "because");
    parts.world.advance(100);
    assert.deepEqual(parts.told.statuses.at(-1), { way: "direct", status: "ended", code, sentence: "because" });
    assert.equal(parts.world.calls.length, 1);
  }
});

test("it gives up when nobody answers for as long as the endpoint holds a session", async () => {
  // if it failed, a panel would say for ever that it tries again
  const parts = linked();
  const call = await live(parts);
  parts.world.advance(5, { pongs: call });
  call.closed(1006, "");
  for (let n = 0; n < 200 && parts.kinds().at(-1) === "reconnecting"; n++) {
    parts.world.advance(5);
    await settle();
    parts.world.call().closed(1006, "", undefined, "nobody");
  }
  assert.equal(parts.kinds().at(-1), "failed");
  assert.ok(parts.world.now < 120, `${parts.world.now} s`);
});

test("a page that is suspended is held, also when it wakes before the connection is closed", async () => {
  // if it failed, a page hidden and shown at once would lose its call: the close looks like an end
  const parts = linked();
  let call = await live(parts);
  parts.link.suspend();
  assert.equal(call.sent.at(-1).type, "suspend");
  call.closed(1000, "suspended");
  assert.equal(parts.kinds().at(-1), "held");
  parts.world.advance(50);
  assert.equal(parts.world.calls.length, 1);
  parts.link.wake();
  parts.world.advance(0.1);
  await settle();
  call = parts.world.call();
  call.opened();
  assert.equal(call.sent[0].type, "resume");
  call.say(welcome({ how: "resumed" }));
  parts.link.suspend();
  parts.link.wake();
  call.closed(1000, "suspended");
  parts.world.advance(1);
  await settle();
  assert.equal(parts.world.calls.length, 3);
});

test("a page suspended while it connects leaves the new connection", async () => {
  // if it failed, a session nobody looks at would be carried, and paid for
  const parts = linked();
  const call = await live(parts);
  parts.world.advance(3, { pongs: call });
  call.closed(1012, "");
  parts.link.suspend();
  parts.world.advance(30);
  await settle();
  assert.equal(parts.world.calls.length, 1);
  assert.equal(parts.kinds().at(-1), "held");
});

test("a token is renewed before it ends, and asked for again when it could not be got", async () => {
  // if it failed, the connection would be closed in the middle of a word
  const given = ["first", new Error("kernel busy"), "second"];
  const parts = linked({
    token: async () => {
      const next = given.shift();
      if (next instanceof Error) throw next;
      return next;
    },
  });
  parts.link.start();
  await settle();
  const call = parts.world.call();
  assert.equal(call.token, "first");
  call.opened();
  call.say(welcome({ expires_in: 8 }));
  parts.world.advance(6.5, { pongs: call });
  await settle();
  parts.world.advance(1.5, { pongs: call });
  await settle();
  assert.deepEqual(call.sent.filter((one) => one.type === "refresh"), [{ type: "refresh", token: "second" }]);
});

test("no token is a sentence, not an endless wait", async () => {
  // if it failed, a dead kernel would leave the panel connecting
  const parts = linked({ token: async () => { throw new Error("secret detail"); } });
  parts.link.start();
  await settle();
  assert.match(parts.told.statuses.at(-1).sentence, /^no session token was to be had/);
  assert.equal(parts.world.calls.length, 0);
});

test("an endpoint that takes the connection and says nothing is left", async () => {
  // if it failed, a page would connect for ever to an endpoint that is stuck
  const parts = linked();
  parts.link.start();
  await settle();
  parts.world.call().opened();
  parts.world.advance(11);
  assert.equal(parts.told.statuses.at(-1).status, "failed");
  assert.equal(parts.world.call().left, true);
});

test("what a slow network can't take waits in the log, not in the socket", async () => {
  // if it failed, minutes of speech would stand before a barge-in's report
  const parts = linked();
  const call = await live(parts);
  call.waiting = 100_000;
  parts.log.addAudio(new ArrayBuffer(660), 320);
  parts.link.pump();
  assert.equal(call.sent.length, 1);
  call.waiting = 0;
  parts.world.advance(0.3);
  assert.equal(call.sent.some((one) => one instanceof ArrayBuffer), true);
});

test("leaving waits for the last events, but not for ever", async () => {
  // if it failed, the last words of a session would be missing, or stop would hang
  const parts = linked();
  const call = await live(parts);
  parts.link.stop();
  call.say({ type: "session-closed", seq: 0 });
  assert.equal(parts.told.events.length, 1);
  call.closed(1000, "");
  assert.deepEqual(parts.kinds().at(-1), "ended");
  const hanging = linked();
  await live(hanging);
  hanging.link.stop();
  hanging.world.advance(4);
  assert.deepEqual(hanging.kinds().at(-1), "ended");
});

test("a page that was loaded again resumes with what it had", async () => {
  // if it failed, a reload would open a second session beside the first
  const parts = linked({ had: { session: "old", handle: "secret" } });
  parts.link.start();
  await settle();
  parts.world.call().opened();
  assert.deepEqual([parts.world.call().sent[0].type, parts.world.call().sent[0].session], ["resume", "old"]);
});
