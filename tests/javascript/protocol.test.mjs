import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { SessionClock } from "../../workbench/widgets/static/clock.js";
import {
  ProtocolFault, numberedMessage, openMessage, packPacket, parseMessage, resumeMessage, unpackPacket,
} from "../../workbench/widgets/static/native.js";
import { Order } from "../../workbench/widgets/static/order.js";
import { decodeMulaw, decodePcm16, encodeMulaw, encodePcm16 } from "../../workbench/widgets/static/pcm.js";
import { Reconnecting } from "../../workbench/widgets/static/reconnecting.js";
import { MESSAGES_MAX, Unacknowledged } from "../../workbench/widgets/static/unacknowledged.js";

const golden = JSON.parse(readFileSync(new URL("./golden.json", import.meta.url)));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));
const buffer = (text) => bytes(text).buffer;

test("packets have the bytes that Python gives them", () => {
  // if it failed, the endpoint would refuse all a page says
  for (const { hex: wanted, payload, ...fields } of golden.packets) {
    assert.equal(hex(packPacket({ ...fields, payload: bytes(payload) })), wanted);
    const { payload: found, ...rest } = unpackPacket(buffer(wanted));
    assert.equal(hex(found), payload);
    assert.deepEqual(rest, fields);
  }
});

test("what is no packet is refused with what was found", () => {
  // if it failed, noise would be played to the caller
  const good = golden.packets[0].hex;
  for (const [text, said] of [
    ["5742", /^2 bytes, expected a header of 20$/],
    [`0000${good.slice(4)}`, /^no audio packet of version 1$/],
    [`${good.slice(0, 4)}02${good.slice(6)}`, /^no audio packet of version 1$/],
    [`${good.slice(0, 6)}07${good.slice(8)}`, /^direction 7, expected/],
  ]) {
    assert.throws(() => unpackPacket(buffer(text)), (error) => error instanceof ProtocolFault && said.test(error.message));
  }
});

test("messages are those that Python reads", () => {
  // if it failed, no session would open or resume
  const { open, resume, playback } = golden.messages;
  const { type, version, ...wish } = open;
  assert.deepEqual(openMessage(wish), open);
  const { type: _, version: __, ...has } = resume;
  assert.deepEqual(resumeMessage(has), resume);
  const { type: kind, seq, at, ...fields } = playback;
  assert.deepEqual(numberedMessage(kind, seq, at, fields), playback);
});

test("a text that is no message is refused", () => {
  // if it failed, a broken proxy's page of HTML would end in an error nobody understands
  for (const text of ["<html>", "[]", "3", "null", '{"seq": 1}']) assert.throws(() => parseMessage(text), ProtocolFault);
});

test("samples have the bytes that Python gives them", () => {
  // if it failed, the recogniser would hear noise, or softer speech than was said
  const samples = Float32Array.from(golden.samples.values);
  assert.equal(hex(encodePcm16(samples)), golden.samples.pcm16);
  assert.equal(hex(encodeMulaw(samples)), golden.samples.mulaw);
  assert.deepEqual([...decodePcm16(bytes(golden.samples.pcm16))], golden.samples.fromPcm16);
  assert.deepEqual(Array.from(decodeMulaw(bytes(golden.samples.mulaw)), (x) => x + 0), golden.samples.fromMulaw);
});

test("each event and control counts once, and a missing one is an error", () => {
  // if it failed, a resumed page would show a word twice, or never
  const order = new Order();
  assert.equal(order.event({ seq: 0, at: 0.5, turn: 0 }), true);
  assert.equal(order.event({ seq: 0, at: 0.5, turn: 0 }), false);
  assert.throws(() => order.event({ seq: 2, at: 1, turn: 0 }), /^Error: event 2 came, expected 1$/);
  assert.equal(order.control({ seq: 0 }), true);
  assert.throws(() => order.control({ seq: 5 }), ProtocolFault);
  assert.deepEqual(order.seen, { events: 1, controls: 1, audio: 0 });
  assert.equal(order.duplicates, 1);
});

test("reply audio goes on where it was: duplicates pass, gaps become silence, overlaps are cut", () => {
  // if it failed, a reply would stutter after a lost connection, and what counts as heard would be wrong
  const order = new Order();
  const packet = (seq, position, reply = 1) => ({ seq, reply, position });
  assert.deepEqual(order.audio(packet(0, 0), 100), { missing: 0, known: 0 });
  assert.equal(order.audio(packet(0, 0), 100), null);
  assert.deepEqual(order.audio(packet(3, 150), 100), { missing: 50, known: 0 });
  assert.deepEqual(order.audio(packet(4, 200), 100), { missing: 0, known: 50 });
  assert.deepEqual(order.audio(packet(5, 0), 100), { missing: 0, known: 100 });
  assert.deepEqual([order.received, order.lost, order.packets], [300, 50, 6]);
  assert.deepEqual(order.audio(packet(6, 0, 2), 10), { missing: 0, known: 0 });
  assert.deepEqual([order.reply, order.received], [2, 10]);
});

test("what is not acknowledged is sent again, and no more than is kept", () => {
  // if it failed, what was said as the network went away would be lost, or memory would fill
  const log = new Unacknowledged(1000);
  log.addText((number) => `text ${number}`);
  for (let n = 0; n < 3; n++) log.addAudio(`audio ${n}`, 320);
  assert.deepEqual([log.take(), log.take(), log.unsent], ["text 0", "audio 0", 640]);
  log.acknowledge({ messages: 1, position: 320 });
  assert.equal(log.take(), "audio 1");
  log.rewind({ messages: 1, position: 320 });
  assert.deepEqual([log.take(), log.take(), log.take()], ["audio 1", "audio 2", null]);
  assert.deepEqual(log.oldest, { messages: 1, position: 320 });
  for (let n = 3; n < 6; n++) log.addAudio(`audio ${n}`, 320);
  assert.deepEqual([log.oldest.position, log.dropped], [960, 640]);
  for (let n = 0; n < MESSAGES_MAX + 5; n++) log.addText(() => "x");
  assert.equal(log.oldest.messages, 6);
});

test("what is dropped does not make it pass over what was not sent", () => {
  // if it failed, each second without a connection would lose a frame after it
  const log = new Unacknowledged(640);
  log.addAudio("audio 0", 320);
  log.addAudio("audio 1", 320);
  assert.equal(log.take(), "audio 0");
  log.addAudio("audio 2", 320); // drops what was sent
  assert.deepEqual([log.take(), log.take(), log.take()], ["audio 1", "audio 2", null]);
});

test("a page that was loaded again goes on with the endpoint's numbers", () => {
  // if it failed, all it says would be taken for what was said before
  const log = new Unacknowledged(1000, { messages: 7, position: 640 });
  assert.deepEqual(log.oldest, { messages: 7, position: 640 });
  log.startAt({ messages: 6, position: 320 });
  log.addText((number) => assert.equal(number, 6));
  assert.deepEqual(log.next, { messages: 7, position: 320 });
});

test("it comes back after what is held, in time, and not after an end", () => {
  // if it failed, a page would hammer a dead endpoint, or give up on one that restarts
  const settings = { first: 0.1, longest: 1, patience: 10, steady: 2, shortLivedMax: 3 };
  const decider = new Reconnecting(() => 1, settings);
  decider.connected(0);
  assert.deepEqual(decider.lost(5, 1006), { wait: 0.1 });
  assert.deepEqual(decider.failed(5.1, null), { wait: 0.2 });
  assert.deepEqual(decider.failed(5.3, 503), { wait: 0.4 });
  assert.match(decider.failed(5.3, 401).giveUp, /status 401$/);
  assert.match(decider.failed(15, null).giveUp, /^no endpoint answered for 10 s$/);
  for (const code of [1000, 4400, 4403, 4404, 4409, 4412]) assert.match(decider.lost(6, code).giveUp, /closed with code/);
  decider.connected(20);
  assert.deepEqual(decider.lost(30, 4401), { wait: 0 });
  decider.hold = 3;
  decider.connected(40);
  decider.lost(50, 1012);
  assert.match(decider.failed(53, null).giveUp, /for 3 s$/);
});

test("connections that are lost at once come to an end", () => {
  // if it failed, two that don't get on would connect for ever
  const decider = new Reconnecting(() => 0, { first: 0.1, longest: 1, patience: 10, steady: 2, shortLivedMax: 3 });
  const decisions = [1, 2, 3, 4].map((at) => (decider.connected(at), decider.lost(at + 0.1, 1006)));
  assert.deepEqual(decisions.map((one) => "wait" in one), [true, true, true, false]);
});

test("connections that never carry the session use patience up", () => {
  // if it failed, a page would try an endpoint that admits everybody and welcomes nobody ten times a second, for ever
  const decider = new Reconnecting(() => 1, { first: 0.1, longest: 1, patience: 5, steady: 2, shortLivedMax: 3 });
  decider.connected(0);
  let [now, decision] = [10, decider.lost(10, 1006)];
  for (let tries = 0; "wait" in decision && tries < 100; tries += 1) {
    now += decision.wait + 0.1;
    decision = decider.lost(now, 1012);
  }
  assert.match(decision.giveUp, /^no endpoint answered for 5 s$/);
});

test("the clock takes the quickest round trip", () => {
  // if it failed, one slow ping would shift all that the page heard on the timeline
  const clock = new SessionClock();
  clock.welcomed(100, 3, { sameClock: false });
  assert.equal(clock.at(101), 4);
  clock.pong(100.5, 100, 3.2); // half a second: the offset may be wrong by a quarter
  clock.pong(101.02, 101, 4.01);
  clock.pong(102.4, 102, 5.3);
  assert.ok(Math.abs(clock.at(110) - 13) < 0.0101);
  assert.ok(Math.abs(clock.quickest - 0.02) < 1e-9);
  clock.welcomed(200, 1, { sameClock: false });
  assert.equal(clock.at(200), 1);
});
