import assert from "node:assert/strict";
import test from "node:test";

import { Carrier } from "../../workbench/widgets/static/carrier.js";
import { decibels, Meters } from "../../workbench/widgets/static/meters.js";
import { AGENT, packPacket, unpackPacket } from "../../workbench/widgets/static/native.js";
import { World, settle } from "./world.mjs";

const DEVICE = 48_000;

/** A carrier whose worklets and endpoint are played by the test. */
function carried({ codec = "pcm16", state = null, events = "new" } = {}) {
  const world = new World();
  const told = [];
  const commands = [];
  const carrier = new Carrier({
    options: { ways: [{ way: "direct", url: "ws://a" }], open: { assistant: "coffee" }, codec, deviceRate: DEVICE, state, events },
    tell: (what, detail) => told.push({ what, detail }),
    token: async () => "t",
    playback: (command) => commands.push(command),
    timers: world.timers,
    random: () => 1,
    transports: { direct: world.dial },
  });
  const of = (what) => told.filter((one) => one.what === what).map((one) => one.detail);
  return { world, carrier, commands, of, told };
}

async function live(parts, welcome = {}) {
  parts.carrier.start();
  await settle();
  const call = parts.world.call();
  call.opened();
  call.say({ type: "welcome", session: "s", handle: "h", how: "opened", hold: 60, expires_in: 300, messages: 0, position: 0, at: 0, ...welcome });
  return call;
}

/** Let the worklet deliver `count` frames of 20 ms. */
function capture(parts, count, { from = 0, value = 0.1, open = true } = {}) {
  for (let n = 1; n <= count; n++) {
    parts.world.advance(0.02);
    const frame = new Float32Array(320).fill(value);
    parts.carrier.captured({ frame, end: from + n * 960, level: value, peak: value, open });
  }
}

const packets = (call) => call.sent.filter((one) => one instanceof ArrayBuffer).map(unpackPacket);
const texts = (call, type) => call.sent.filter((one) => one.type === type);

function agentPacket(seq, reply, position, count, value = 8192) {
  const payload = new Uint8Array(new Int16Array(count).fill(value).buffer);
  return packPacket({ direction: AGENT, seq, reply, position, payload });
}

test("the stream begins with the welcome, without a gap", async () => {
  // if it failed, what was captured before a session was open would shift all its times
  const parts = carried();
  parts.carrier.captured({ frame: new Float32Array(320), end: 960, level: 0, peak: 0, open: true });
  const call = await live(parts);
  capture(parts, 3, { from: 960 });
  assert.deepEqual(packets(call).map(({ seq, position }) => [seq, position]), [[0, 0], [1, 320], [2, 640]]);
  assert.equal(texts(call, "audio-clock").length, 1);
});

test("a page loaded again goes on at the endpoint's position, in its numbers", async () => {
  // if it failed, all that is said after a reload would be taken for a repetition, or for a gap
  const state = { session: "s", handle: "h", codec: "pcm16", at: 3, turn: 1, seen: { events: 9, controls: 2, audio: 4 }, reply: 2, received: 4800, messages: 7, position: 3200 };
  const parts = carried({ state });
  const call = await live(parts, { how: "resumed", messages: 6, position: 2880 });
  const [resume] = call.sent;
  assert.deepEqual([resume.type, resume.seen, resume.reply, resume.received], ["resume", state.seen, 2, 4800]);
  assert.deepEqual([resume.messages, resume.position, resume.otherwise.assistant], [7, 3200, "coffee"]);
  capture(parts, 1);
  assert.deepEqual(packets(call).map(({ seq, position }) => [seq, position]), [[9, 2880]]);
  assert.equal(texts(call, "audio-clock")[0].seq, 6);
  assert.deepEqual(parts.commands[0], { do: "begin", reply: 2, heard: 9600 });
});

test("all events can be had again after a reload", async () => {
  // if it failed, the transcript would be empty after each reload
  const state = { session: "s", handle: "h", codec: "pcm16", at: 3, turn: 1, seen: { events: 9, controls: 2, audio: 4 }, reply: 0, received: 0, messages: 7, position: 3200 };
  const parts = carried({ state, events: "all" });
  const call = await live(parts, { how: "resumed" });
  assert.equal(call.sent[0].seen.events, 0);
  call.say({ type: "session-opened", seq: 0, at: 0, turn: 0 });
  assert.equal(parts.of("event").length, 1);
});

test("reply audio reaches the device at its rate, its end told in the device's samples", async () => {
  // if it failed, a reply would be heard at the wrong pitch, or never be over
  const parts = carried();
  const call = await live(parts);
  call.raw(agentPacket(0, 1, 0, 2400));
  call.raw(agentPacket(1, 1, 2400, 2400));
  call.say({ type: "playback-control", seq: 0, at: 1, action: "end", reply: 1, samples: 4800 });
  const added = parts.commands.filter((one) => one.do === "add");
  assert.equal(added.reduce((sum, one) => sum + one.samples.length, 0), 9600);
  assert.deepEqual(parts.commands.at(-1), { do: "end", reply: 1, total: 9600 });
  assert.ok(Math.abs(added[0].samples[1000] - 0.25) < 1e-3);
});

test("an end that comes before the last sound waits for it", async () => {
  // if it failed, the last word of a reply would be cut after a lost connection
  const parts = carried();
  const call = await live(parts);
  call.say({ type: "playback-control", seq: 0, at: 1, action: "end", reply: 1, samples: 2400 });
  assert.equal(parts.commands.some((one) => one.do === "end"), false);
  call.raw(agentPacket(0, 1, 0, 2400));
  assert.equal(parts.commands.findLast((one) => one.do !== "target").do, "end");
});

test("what was heard is told in the session's samples and on its clock", async () => {
  // if it failed, "heard" would not be what was played, and response times would be wrong
  const parts = carried();
  const call = await live(parts);
  parts.carrier.latency(0.03);
  capture(parts, 10);
  call.raw(agentPacket(0, 1, 0, 2400));
  const report = { state: "playing", reply: 1, heard: 2400, devicePosition: 9600, underrun: 96, reason: "" };
  parts.carrier.played({ reports: [report], held: 0, underruns: 0, level: 0.1 });
  const [told] = texts(call, "playback");
  assert.deepEqual([told.heard, told.device_position, told.underrun, told.state], [1200, 4800, 48, "playing"]);
  assert.ok(Math.abs(told.at - 0.23) < 1e-6, `${told.at}`); // 0.2 s on the device's clock, 0.03 s to the ear
  assert.deepEqual(parts.of("heard"), [{ reply: 1, seconds: 0.05, state: "playing" }]);
});

test("reply audio is acknowledged when it was heard, so that a reload can have it again", async () => {
  // if it failed, a second of the reply would be lost with each reload
  const parts = carried();
  const call = await live(parts);
  capture(parts, 1);
  call.raw(agentPacket(0, 1, 0, 2400));
  call.raw(agentPacket(1, 1, 2400, 2400));
  parts.carrier.played({ reports: [{ state: "playing", reply: 1, heard: 6000, devicePosition: 9000, underrun: 0, reason: "" }], held: 0, underruns: 0 });
  parts.world.advance(0.5);
  assert.equal(texts(call, "ack").at(-1).seen.audio, 1);
  const kept = parts.of("state").at(-1);
  assert.deepEqual([kept.reply, kept.received, kept.seen.audio], [1, 3000, 1]);
  parts.carrier.played({ reports: [{ state: "stopped", reply: 1, heard: 9600, devicePosition: 9600, underrun: 0, reason: "finished" }], held: 0, underruns: 0 });
  parts.world.advance(0.5);
  assert.equal(texts(call, "ack").at(-1).seen.audio, 2);
});

test("a flush is passed on at once, and what comes late of that reply is nothing", async () => {
  // if it failed, an assistant that was interrupted would be heard again a moment later
  const parts = carried();
  const call = await live(parts);
  call.raw(agentPacket(0, 1, 0, 2400));
  call.say({ type: "playback-control", seq: 0, at: 1, action: "flush", reply: 1 });
  assert.deepEqual(parts.commands.at(-1), { do: "flush", reply: 1 });
  const before = parts.commands.length;
  call.raw(agentPacket(1, 1, 2400, 2400));
  assert.equal(parts.commands.length, before);
  call.raw(agentPacket(2, 2, 0, 2400));
  assert.equal(parts.commands.at(-1).reply, 2);
});

test("a session that is begun anew silences what played of the old one", async () => {
  // if it failed, a reply whose rest will never come would hold the floor
  const parts = carried();
  const call = await live(parts);
  call.raw(agentPacket(0, 1, 0, 2400));
  call.say({ type: "session-reset", seq: 0, at: 0, turn: 0 });
  assert.deepEqual(parts.commands.at(-1), { do: "close" });
});

test("leaving says close, then ends, and keeps nothing for a reload", async () => {
  // if it failed, a session that was left would be resumed by the next page
  const parts = carried();
  const call = await live(parts);
  capture(parts, 1);
  parts.carrier.stop();
  parts.world.advance(0.1);
  assert.equal(texts(call, "close").length, 1);
  call.closed(1000, "");
  assert.equal(parts.of("status").at(-1).status, "ended");
  assert.equal(parts.of("state").at(-1), null);
  const before = parts.told.length;
  parts.world.advance(5);
  assert.equal(parts.told.length, before);
});

test("a slow network leads to push-to-talk and back, each said once", async () => {
  // if it failed, a poor connection would just be poor
  const parts = carried();
  const call = await live(parts);
  parts.world.advance(4, { pongs: call });
  call.waiting = 1e6;
  for (let n = 0; n < 8; n++) {
    capture(parts, 50, { from: n * 48_000 });
    call.say({ type: "audio-in", seq: n, at: n, turn: 0 });
  }
  assert.equal(parts.of("quality").at(-1).mode, "push-to-talk");
  call.waiting = 0;
  parts.world.advance(30, { pongs: call });
  const said = parts.of("quality").map((one) => one.said).filter(Boolean);
  assert.equal(said.length, 2);
  assert.match(said[0], /hold the button/);
  assert.equal(parts.of("quality").at(-1).mode, "full");
});

test("a wait for the next process is no poor quality", async () => {
  // if it failed, each restart of the endpoint would end in push-to-talk
  const parts = carried();
  const call = await live(parts);
  parts.world.advance(5, { pongs: call });
  call.closed(1012, "");
  capture(parts, 500);
  await settle();
  const next = parts.world.call();
  next.opened();
  next.say({ type: "welcome", session: "s", handle: "h", how: "restored", hold: 60, expires_in: 300, messages: 0, position: 0, at: 9 });
  next.waiting = 1e6; // what was kept is being sent
  capture(parts, 100, { from: 480_000 });
  next.waiting = 0;
  parts.world.advance(8, { pongs: next });
  assert.deepEqual(parts.of("quality").map((one) => one.mode).filter((mode) => mode !== "full"), []);
});

test("what is said while the page was left is not sent, and what comes after has its true times", async () => {
  // if it failed, a minute of talk in a hidden tab would be sent when it is shown again
  const parts = carried();
  let call = await live(parts);
  capture(parts, 2);
  parts.carrier.suspend();
  call.closed(1000, "suspended");
  capture(parts, 50, { from: 2 * 960 });
  parts.carrier.wake();
  parts.world.advance(0.1);
  await settle();
  call = parts.world.call();
  call.opened();
  call.say({ type: "welcome", session: "s", handle: "h", how: "resumed", hold: 60, expires_in: 300, messages: 1, position: 640, at: parts.world.now });
  capture(parts, 1, { from: 57 * 960 });
  assert.deepEqual(packets(call).map(({ seq, position }) => [seq, position]), [[2, 640]]);
  const [clock] = texts(call, "audio-clock");
  assert.ok(Math.abs(clock.device_zero - (parts.world.now - 0.06)) < 1e-6, `${clock.device_zero}`);
});

test("levels are told as a person reads them", () => {
  // if it failed, "I can't hear you" would be said to someone who talks
  const meters = new Meters(0);
  assert.equal(decibels(0), -100);
  assert.ok(Math.abs(decibels(0.1) + 20) < 1e-9);
  meters.captured(1, { level: 0.1, peak: 1, open: true });
  meters.captured(1.02, { level: 0.05, peak: 0.1, open: true });
  meters.played(0.01);
  const now = meters.look(1.5);
  assert.deepEqual([Math.round(now.caller), Math.round(now.agent), now.clipping, now.muted], [-20, -40, true, false]);
  assert.ok(Math.abs(now.silent - 0.48) < 1e-9);
  meters.captured(3, { level: 0.0001, peak: 0.001, open: false });
  const later = meters.look(3);
  assert.deepEqual([later.clipping, later.muted, Math.round(later.caller)], [false, true, -80]);
  assert.ok(later.silent > 1.9);
});

test("other settings of turn taking are a numbered message, once there is a session", async () => {
  // if it failed, what is applied would be lost with a connection, or be refused
  const parts = carried();
  parts.carrier.tune({ "early.enabled": false });
  const call = await live(parts);
  parts.carrier.tune({ "early.confidence": 0.8 });
  const [message, ...more] = texts(call, "tune");
  assert.deepEqual([message.settings, Number.isInteger(message.seq), more.length], [{ "early.confidence": 0.8 }, true, 0]);
});

test("consent is a numbered message, once there is a session, and a welcome tells what is kept", async () => {
  // a withdrawal would be lost with the connection, or the panel would not know what there is to withdraw
  const parts = carried();
  parts.carrier.consent("none");
  const call = await live(parts);
  parts.carrier.consent("transcript");
  const [message, ...more] = texts(call, "consent");
  assert.deepEqual([message.level, Number.isInteger(message.seq), more.length], ["transcript", true, 0]);
});
