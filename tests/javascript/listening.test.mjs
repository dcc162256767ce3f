// A listening test in a page: what keys mean, what is still to be heard, and switching without a jump.
import assert from "node:assert/strict";
import test from "node:test";

import { CROSSFADE, floatsOf, SwitchPlayer } from "../../workbench/widgets/static/listening_player.js";
import { keyMeaning, keysTold, keepsPosition, placeTold, TrialState } from "../../workbench/widgets/static/listening_state.js";

const PAIR = { trial: 3, method: "preference", labels: ["A", "B"], choices: [[0, "A is better"], ["tie", "No difference"], [1, "B is better"]] };
const ABX = { trial: 0, method: "abx", labels: ["A", "B", "X"], choices: [[0, "X is A"], [1, "X is B"]] };
const MOS = { trial: 0, method: "mos", labels: ["Sound"], choices: [5, 4, 3, 2, 1].map((one) => [one, ""]) };
const MUSHRA = { trial: 0, method: "mushra", labels: ["Reference", "1", "2"], choices: [] };

test("keys mean what the page says they do", () => {
  // a listener would answer B by asking for A
  assert.deepEqual(["1", "a", "B", "ArrowLeft", "ArrowRight", "ArrowDown", " ", "Enter"].map((key) => keyMeaning(key, PAIR)), [
    { play: 0 }, { play: 0 }, { play: 1 }, { choose: 0 }, { choose: 1 }, { choose: "tie" }, { act: "toggle" }, { act: "confirm" },
  ]);
  assert.equal(keyMeaning("x", PAIR), null);
  assert.deepEqual(["x", "3", "ArrowRight"].map((key) => keyMeaning(key, ABX)), [{ play: 2 }, { play: 2 }, { choose: 1 }]);
  assert.equal(keyMeaning("ArrowDown", ABX), null);
  assert.deepEqual(["1", "5", "6", "a"].map((key) => keyMeaning(key, MOS)), [{ choose: 1 }, { choose: 5 }, null, null]);
  assert.deepEqual(["0", "r", "2", "3", "ArrowLeft"].map((key) => keyMeaning(key, MUSHRA)), [{ play: 0 }, { play: 0 }, { play: 2 }, null, null]);
  assert.deepEqual(["ArrowUp", "ArrowDown"].map((key) => keyMeaning(key, MUSHRA)), [{ step: -1 }, { step: 1 }]);
  assert.ok(keysTold("preference", false).every(([key]) => key !== "↓"));
});

test("all is to be heard, and then answered", () => {
  // an answer would be kept to what nobody listened to
  const state = new TrialState(PAIR, 1000);
  assert.equal(state.lacking(), "Listen to A, B first.");
  state.played(1);
  assert.equal(state.lacking(), "Listen to A first.");
  state.played(0);
  assert.equal(state.lacking(), "Choose an answer first.");
  state.choose("tie");
  assert.equal(state.lacking(), "");
  assert.deepEqual(state.answer(3500), { kind: "answer", trial: 3, given: "tie", seconds: 2.5, plays: [1, 1] });
});

test("each sound beside a reference is to be rated, within the scale", () => {
  // a slider that nobody moved would count as a score
  const state = new TrialState(MUSHRA, 0);
  [0, 1, 2].forEach((which) => state.played(which));
  assert.equal(state.lacking(), "Rate 1, 2 first.");
  state.rate(0, 120);
  state.rate(1, 0.4);
  assert.equal(state.lacking(), "");
  assert.deepEqual(state.answer(0).given, [100, 0]);
});

test("every one of twelve sounds is reached by keys", () => {
  // the tenth and those after it have no digit: they could only be heard by mouse
  const labels = ["Reference", ...Array.from({ length: 12 }, (_, row) => String(row + 1))];
  const state = new TrialState({ ...MUSHRA, labels }, 0);
  const heard = labels.map(() => {
    state.played(state.below(keyMeaning("ArrowDown", state.trial).step));
    return state.selected;
  });
  assert.deepEqual(heard, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12]);
  state.selected = 0;
  assert.equal(state.below(-1), 0);
});

test("practice is told, and not counted among the trials", () => {
  // a listener would think their first answers count
  assert.equal(placeTold({ trial: 1, total: 22, practice: 2, practices: 2 }), "Practice 2 of 2: it does not count");
  assert.equal(placeTold({ trial: 2, total: 22, practice: 0, practices: 2 }), "1 of 20");
  assert.deepEqual(["abx", "mushra", "mos", "preference"].map(keepsPosition), [true, true, false, false]);
});

/** Just enough of the Web Audio interface. */
class FakeContext {
  constructor() {
    this.currentTime = 0;
    this.sources = [];
  }

  resume() { return Promise.resolve(); }

  close() { this.closed = true; }

  createBuffer(_, length, rate) { return { duration: length / rate, copyToChannel(data) { this.data = data; } }; }

  createBufferSource() {
    const source = { connect() {}, start: (due, from) => Object.assign(source, { due, from }), stop: () => { source.stopped = true; } };
    this.sources.push(source);
    return source;
  }

  createGain() {
    const gain = {
      value: 0, cancelScheduledValues() {}, setValueAtTime() {},
      linearRampToValueAtTime: (value, at) => Object.assign(gain, { value, at }),
    };
    return { gain, connect() {}, disconnect() {} };
  }
}

function player(...lengths) {
  const context = new FakeContext();
  const told = [];
  const made = new SwitchPlayer({ on: () => told.push(made.playing), makeContext: () => context });
  made.load(lengths.map((seconds) => new Float32Array(seconds * 100)), 100);
  return { context, made, told };
}

test("another sound takes over at the same position, in a few milliseconds", () => {
  // a difference would be told by the gap, or by hearing another part of the sentence
  const { context, made } = player(3, 3);
  made.play(0);
  const began = context.sources.map((one) => [one.due, one.from]);
  assert.deepEqual(began[0], began[1]);
  context.currentTime = 1.52;
  const { nodes } = made.running;
  made.switchTo(1);
  assert.equal(context.sources.length, 2);
  assert.equal(made.which, 1);
  assert.deepEqual(nodes.map(({ gain }) => gain.gain.value), [0, 1]);
  assert.ok(nodes.every(({ gain }) => Math.abs(gain.gain.at - 1.52 - CROSSFADE) < 1e-9));
  assert.ok(Math.abs(made.position() - 1.5) < 1e-9);
});

test("it goes on after a pause where it was, and from the start after the end", () => {
  // a listener would have to hear all of it again, or nothing at all
  const { context, made, told } = player(3, 1);
  made.play(0);
  context.currentTime = 2.02;
  made.pause();
  assert.equal(made.playing, false);
  assert.equal(made.position(), 2);
  made.switchTo(0);
  assert.equal(context.sources.at(-2).from, 2);
  made.switchTo(1); // it ends before that
  assert.deepEqual(context.sources.slice(-2).map((one) => one.from), [0, 0]);
  context.sources.at(-1).onended();
  assert.equal(made.playing, false);
  assert.equal(made.position(), 0);
  assert.equal(told.at(-1), false);
});

test("the clock does not tell which of several sounds is heard", () => {
  // X and the hidden reference last as long as what they are: the page would have named them
  const { context, made } = player(3, 2.4, 3);
  const told = [0, 1, 2].map((which) => {
    made.play(which);
    context.currentTime += 1.02;
    return made.clock();
  });
  assert.deepEqual(told, ["1.0 s of 3.0 s", "1.0 s of 3.0 s", "1.0 s of 3.0 s"]);
});

test("the end of a sound that is not heard ends nothing", () => {
  // the longer of two would be cut off
  const { context, made } = player(3, 1);
  made.play(0);
  context.sources[1].onended();
  assert.equal(made.playing, true);
  made.close();
  assert.ok(context.closed);
  assert.ok(context.sources.every((one) => one.stopped));
  assert.deepEqual([...floatsOf(new Int16Array([-32768, 16384]))], [-1, 0.5]);
});
