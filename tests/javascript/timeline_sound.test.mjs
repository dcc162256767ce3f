// The timeline's sound, and where its data come from. Each test's name says what would be broken if it failed.

import assert from "node:assert/strict";
import test from "node:test";

import { ElementPlayer, WindowPlayer, nextWindow, sides } from "../../workbench/widgets/static/timeline_player.js";
import { KernelSource, bufferOf, loudest } from "../../workbench/widgets/static/timeline_source.js";
import { NEAR, ROWS, SCHEMA, STRINGS, TURN, packed } from "./timeline_fakes.mjs";

test("windows of sound follow each other to the end", () => {
  assert.deepEqual(nextWindow(0, 25), { start: 0, seconds: 10 });
  assert.deepEqual(nextWindow(20, 25), { start: 20, seconds: 5 });
  assert.equal(nextWindow(25, 25), null);
});

test("the caller is on the left", () => {
  const [left, right] = sides(new Int16Array([16384, -32768, 0, 8192]));
  assert.deepEqual([[...left], [...right]], [[0.5, 0], [-1, 0.25]]);
});

/** A context whose clock is moved by hand. */
class FakeContext {
  constructor() {
    Object.assign(this, { currentTime: 0, started: [], stopped: 0, destination: {} });
  }
  async resume() {}
  close() { this.closed = true; }
  createBuffer(channels, length, rate) { return { length, rate, copyToChannel() {} }; }
  createBufferSource() {
    return {
      connect() {},
      start: (due) => this.started.push([due, this.made?.length]),
      stop: () => { this.stopped += 1; },
    };
  }
}

test("sound plays from where it was asked, window after window, and says when it is over", async () => {
  const context = new FakeContext();
  const asked = [];
  const told = [];
  const player = new WindowPlayer({
    duration: () => 14,
    fetch: async (start, seconds) => {
      asked.push([start, seconds]);
      return { rate: 10, samples: new Int16Array(2 * 10 * seconds) };
    },
    on: (...what) => told.push(what),
    makeContext: () => context,
  });
  player._until = async (due) => { context.currentTime = Math.max(context.currentTime, due); };
  await player.play(2);
  assert.deepEqual(asked, [[2, 10], [12, 2]]);
  assert.deepEqual(context.started.map(([due]) => Number(due.toFixed(2))), [0.03, 10.03]);
  assert.deepEqual(told, [["ended", null]]);
  assert.equal(player.position(), null);
});

test("the position is that of what sounds now", async () => {
  const context = new FakeContext();
  let player = null;
  const seen = [];
  player = new WindowPlayer({
    duration: () => 100,
    fetch: async (start, seconds) => ({ rate: 10, samples: new Int16Array(2 * 10 * seconds) }),
    on: () => {},
    makeContext: () => context,
  });
  player._until = async () => {
    if (!player.playing) return;
    context.currentTime += 6;
    seen.push(Number(player.position().toFixed(2)));
    if (seen.length === 3) player.stop();
  };
  await player.play(50);
  assert.deepEqual(seen, [55.97, 61.97, 67.97]);
});

test("a stop drops what is still on its way, and a failure is said", async () => {
  const context = new FakeContext();
  let bring = null;
  const told = [];
  const player = new WindowPlayer({
    duration: () => 100, fetch: () => new Promise((done, fail) => { bring = { done, fail }; }),
    on: (...what) => told.push(what), makeContext: () => context,
  });
  const stopped = player.play(0);
  await Promise.resolve();
  await Promise.resolve();
  player.stop();
  bring.done({ rate: 10, samples: new Int16Array(20) });
  await stopped;
  assert.deepEqual([context.started, told], [[], []]);
  const failed = player.play(0);
  await Promise.resolve();
  await Promise.resolve();
  bring.fail(new Error("The sound did not come"));
  await failed;
  assert.deepEqual(told, [["ended", "The sound did not come"]]);
});

test("a sound element is played from a place and stopped", async () => {
  const listeners = {};
  const element = {
    currentTime: 0, async play() { this.on = true; }, pause() { this.on = false; },
    addEventListener: (name, act) => { listeners[name] = act; },
  };
  const told = [];
  const player = new ElementPlayer({ element, on: (...what) => told.push(what) });
  await player.play(3);
  assert.deepEqual([element.currentTime, element.on, player.position()], [3, true, 3]);
  listeners.ended();
  assert.deepEqual([player.position(), told], [null, [["ended", null]]]);
});

test("buffers of a widget are copied to where typed arrays may begin", () => {
  const whole = new Uint8Array([9, 1, 0, 0, 0]);
  assert.deepEqual([...new Uint32Array(bufferOf(new DataView(whole.buffer, 1, 4)))], [1]);
  assert.equal(bufferOf(null).byteLength, 0);
});

test("a quiet session is drawn as high as a loud one, silence is not blown up", () => {
  const overview = [{ track: "caller", level: 6, offset: 0, length: 4 }];
  assert.equal(loudest(overview, new Int8Array([-40, 20, 0, 5]).buffer), 40);
  assert.equal(loudest(overview, new Int8Array([-1, 1, 0, 0]).buffer), 8);
});

/** A model as anywidget gives it. */
class FakeModel {
  constructor(state) {
    Object.assign(this, { state, handlers: {}, sent: [] });
  }
  get(name) { return this.state[name]; }
  on(name, act) { (this.handlers[name] ??= new Set()).add(act); }
  off(name, act) { this.handlers[name].delete(act); }
  send(content) { this.sent.push(content); }
  tell(name, ...values) { for (const act of this.handlers[name] ?? []) act(...values); }
}

function kernel(more = {}) {
  const [layout, buffer] = packed(ROWS);
  const peaks = { bin: 0.0025, factor: 4, levels: 7, tile: 1024, finest: 0 };
  const info = { revision: 1, sound: true, duration: 6, strings: STRINGS, layout, peaks, overview: [], turns: [] };
  const model = new FakeModel({ info, index: new DataView(buffer), overview: null, turns: [], live: false, ...more });
  return [model, new KernelSource(model)];
}

test("a kernel's session is there at once, its waveforms and turns when they come", () => {
  const [model, source] = kernel();
  let changed = 0;
  source.changed = () => { changed += 1; };
  assert.equal(source.session.text(source.session.column("words", "text")[0]), "A");
  assert.deepEqual(model.sent, []);
  model.state.turns = [TURN];
  model.tell("change:turns");
  assert.deepEqual([changed, source.session.turns.length], [1, 1]);
  source.waves.columns("caller", NEAR);
  assert.equal(model.sent[0].kind, "peaks");
  model.tell("msg:custom", { ...model.sent[0], kind: "peaks" }, [new DataView(new Int8Array([-5, 5]).buffer)]);
  assert.equal(changed, 2);
});

test("a page that comes to a live session asks for all of it", () => {
  const [model, source] = kernel({ live: true });
  assert.deepEqual(model.sent, [{ kind: "open" }]);
  const [layout, buffer] = packed({ ...ROWS, events: [[0, 0]] });
  const since = Object.fromEntries(Object.keys(SCHEMA).map((name) => [name, 0]));
  const content = { kind: "more", layout, since, duration: 9, turns: [], strings: STRINGS, strings_from: 0 };
  model.tell("msg:custom", content, [new DataView(buffer)]);
  assert.equal(source.session.duration, 9);
  assert.equal(source.session.tables.events.rows, 1);
});

test("sound goes to who asked for it, and a closed timeline asks no more", async () => {
  const [model, source] = kernel();
  const wanted = source._sound(1, 2);
  const other = source._sound(5, 2);
  const { request } = model.sent[0];
  model.tell("msg:custom", { kind: "sound", request, rate: 24000 }, [new DataView(new Int16Array([1, 2]).buffer)]);
  assert.deepEqual([...(await wanted).samples], [1, 2]);
  source.close();
  await assert.rejects(other, /closed/);
  assert.equal(model.handlers["msg:custom"].size, 0);
});
