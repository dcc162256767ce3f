import assert from "node:assert/strict";
import test from "node:test";

import { Playout } from "../../workbench/widgets/static/playout.js";
import { Resampler } from "../../workbench/widgets/static/resample.js";
import { Lateness, Target, TARGET } from "../../workbench/widgets/static/target.js";

const sine = (hz, rate, count) => Float32Array.from({ length: count }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / rate));

function resampled(samples, from, to, size) {
  const resampler = new Resampler(from, to);
  const pieces = [];
  for (let at = 0; at < samples.length; at += size) pieces.push(...resampler.feed(samples.slice(at, at + size)));
  pieces.push(...resampler.flush());
  return Float32Array.from(pieces);
}

const rms = (samples) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
const db = (ratio) => 20 * Math.log10(ratio);

for (const [from, to] of [[48000, 16000], [44100, 16000], [48000, 8000], [44100, 24000], [24000, 48000], [24000, 44100], [8000, 48000], [96000, 16000], [22050, 48000]]) {
  test(`a tone keeps its level, place and length from ${from} to ${to} Hz`, () => {
    // if it failed, the recogniser would hear another pitch, or words would lie beside their times
    const hz = 1000;
    const found = resampled(sine(hz, from, from), from, to, 128);
    assert.equal(found.length, to);
    const wanted = sine(hz, to, to);
    const middle = (samples) => samples.slice(to * 0.1, to * 0.9);
    const error = middle(found).map((x, n) => x - middle(wanted)[n]);
    assert.ok(db(rms(error) / rms(wanted)) < -70, `error of ${db(rms(error) / rms(wanted))} dB`);
  });
}

test("what lies above the new half rate is gone, what lies below stays", () => {
  // if it failed, hiss and whistles would be folded into speech
  for (const [from, to] of [[48000, 16000], [44100, 16000], [48000, 8000]]) {
    const level = (hz) => db(rms(resampled(sine(hz, from, from), from, to, 480).slice(to * 0.1, to * 0.9)) / rms(sine(hz, from, from)));
    assert.ok(Math.abs(level(0.43 * to)) < 0.1, `${level(0.43 * to)} dB at 0.43 of ${to} Hz`);
    assert.ok(level(0.505 * to) < -60, `${level(0.505 * to)} dB at 0.505 of ${to} Hz`);
    assert.ok(level(0.7 * to) < -75, `${level(0.7 * to)} dB at 0.7 of ${to} Hz`);
  }
});

test("the pieces a stream comes in make no difference", () => {
  // if it failed, there would be a click at each block of the sound card
  const samples = sine(440, 44100, 5000);
  assert.deepEqual(resampled(samples, 44100, 16000, 128), resampled(samples, 44100, 16000, 5000));
});

test("rates nobody has are refused", () => {
  // if it failed, a filter of a gigabyte would be made
  assert.throws(() => new Resampler(44101, 16000), RangeError);
});

const RATE = 1000;
const constant = (value, count) => new Float32Array(count).fill(value);

function pulled(playout, count) {
  const block = new Float32Array(count);
  playout.pull(block);
  return block;
}

test("a reply waits for the target, plays, and is heard to the sample", () => {
  // if it failed, what counts as heard would not be what was played
  const playout = new Playout(RATE, 0.05);
  playout.add(1, constant(0.5, 40));
  assert.ok(pulled(playout, 20).every((x) => x === 0));
  playout.add(1, constant(0.5, 40));
  assert.ok(pulled(playout, 60).every((x) => x === 0.5));
  playout.end(1, 80);
  pulled(playout, 60);
  assert.deepEqual(playout.reports().map(({ state, heard, devicePosition, reason }) => [state, heard, devicePosition, reason]), [
    ["started", 0, 20, ""],
    ["stopped", 80, 100, "finished"],
  ]);
  assert.equal(playout.position, 140);
});

test("a short reply plays although the target is never reached", () => {
  // if it failed, "yes" would never be said
  const playout = new Playout(RATE, 0.5);
  playout.add(1, constant(0.5, 10));
  playout.end(1, 10);
  assert.equal(pulled(playout, 20)[5], 0.5);
  assert.equal(playout.reports().at(-1).state, "stopped");
});

test("after an underrun it waits for the target again and counts the silence", () => {
  // if it failed, each late packet would make the next one late too
  const playout = new Playout(RATE, 0.05);
  playout.add(1, constant(0.5, 50));
  pulled(playout, 60);
  playout.add(1, constant(0.5, 30));
  pulled(playout, 10);
  playout.add(1, constant(0.5, 30));
  pulled(playout, 60);
  playout.end(1, 110);
  const stopped = playout.reports().at(-1);
  assert.deepEqual([stopped.heard, stopped.underrun, playout.underruns], [110, 20, 1]);
});

test("a flush silences at once, says what was heard, and what comes late is nothing", () => {
  // if it failed, an agent that was interrupted would talk on
  const playout = new Playout(RATE, 0.01);
  playout.add(1, constant(0.5, 500));
  pulled(playout, 100);
  playout.flush(1);
  const after = pulled(playout, 200);
  assert.ok(after.slice(144).every((x) => x === 0));
  assert.ok(after[0] > 0.45 && after[0] - after[20] > 0.01, "it fades");
  playout.add(1, constant(0.5, 100));
  assert.ok(pulled(playout, 100).every((x) => x === 0));
  const { state, heard, reason } = playout.reports().at(-1);
  assert.deepEqual([state, heard, reason], ["stopped", 100, "barge-in"]);
});

test("a pause holds a reply where it is", () => {
  // if it failed, words would be lost while the agent listens whether it was meant
  const playout = new Playout(RATE, 0.01);
  playout.add(1, constant(0.5, 300));
  pulled(playout, 100);
  playout.pause(1);
  pulled(playout, 100);
  playout.resume(1);
  pulled(playout, 100);
  assert.deepEqual(playout.reports().map(({ state, heard }) => [state, heard]), [
    ["started", 0], ["paused", 100], ["resumed", 100], ["playing", 200],
  ]);
  assert.equal(playout.underruns, 0);
});

test("replies play one after another", () => {
  // if it failed, two replies would be heard at once, or the second never
  const playout = new Playout(RATE, 0.01);
  playout.add(1, constant(0.25, 50));
  playout.add(2, constant(0.5, 50));
  playout.end(1, 50);
  const block = pulled(playout, 100);
  assert.deepEqual([block[49], block[50], block[99]], [0.25, 0.5, 0.5]);
});

test("no more than two minutes wait", () => {
  // if it failed, an endpoint that sends without end would fill the page's memory
  const playout = new Playout(RATE, 0.01);
  for (let n = 0; n < 200; n++) playout.add(1, constant(0.5, 1000));
  assert.equal(playout.held, 120_000);
});

test("the target grows at once and shrinks slowly", () => {
  // if it failed, a poor network would stutter on, or a good one keep a late start for ever
  const target = new Target();
  assert.equal(target.decide(0, { jitter: 0, underruns: 0 }), TARGET.least);
  assert.equal(target.decide(1, { jitter: 0.1, underruns: 0 }), 0.2);
  const grown = target.decide(2, { jitter: 0.1, underruns: 1 });
  assert.ok(Math.abs(grown - 0.32) < 1e-9);
  assert.equal(target.decide(5, { jitter: 0, underruns: 1 }), grown);
  assert.ok(Math.abs(target.decide(12.5, { jitter: 0, underruns: 1 }) - (grown - TARGET.shrink)) < 1e-9);
  let now = 13;
  for (; now < 200; now++) target.decide(now, { jitter: 0, underruns: 1 });
  assert.equal(target.decide(now, { jitter: 0, underruns: 1 }), TARGET.least);
  for (let n = 2; n < 20; n++) target.decide(now, { jitter: 0, underruns: n });
  assert.equal(target.decide(now, { jitter: 0, underruns: 20 }), TARGET.most);
});

test("packets sent ahead of time are not late ones", () => {
  // if it failed, the burst at a reply's beginning would be taken for a poor network
  const lateness = new Lateness();
  for (let n = 0; n < 10; n++) lateness.arrived(1 + n / 1000, 1, n / 10);
  for (let n = 10; n < 20; n++) lateness.arrived(1.01 + (n - 10) / 10, 1, n / 10);
  assert.ok(lateness.jitter < 0.02, `${lateness.jitter} s`);
  const bursts = new Lateness(); // Opus: five packets of 20 ms each tenth of a second
  for (let n = 0; n < 50; n++) bursts.arrived(1 + Math.floor(n / 5) / 10, 1, n / 50);
  assert.ok(bursts.jitter < 0.01, `${bursts.jitter} s`);
  lateness.arrived(3, 1, 2);
  assert.ok(lateness.jitter > 0.3);
});
