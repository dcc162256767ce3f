// The SSML lab in a page: when the kernel is told, what is kept, and what a table says.
import assert from "node:assert/strict";
import test from "node:test";

import { counted, LabState, positionOf, QUIET, summaryOf, wavOf } from "../../workbench/widgets/static/ssml_state.js";
import { LEVELS, stateTold } from "../../workbench/widgets/static/ssml_view.js";

function modelOf(draft = { text: "", kind: "ssml", voices: ["a"], speak: true, revision: 0 }) {
  const listeners = {};
  const model = {
    held: { draft, found: { revision: 0, findings: [] }, spoken: {}, info: { characters_max: 100 } },
    saved: [], sent: [],
    get: (name) => model.held[name],
    set: (name, value) => { model.held[name] = value; },
    save_changes: () => model.saved.push(model.held.draft),
    send: (content) => model.sent.push(content),
    on: (name, call) => (listeners[name] ??= []).push(call),
    off: (name, call) => { listeners[name] = listeners[name].filter((one) => one !== call); },
    tell: (name, ...args) => { for (const call of listeners[name] ?? []) call(...args); },
    count: () => Object.values(listeners).flat().length,
  };
  return model;
}

test("the kernel is told once it is quiet, of the last text only", (context) => {
  // each key would be read, said and measured
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const model = modelOf();
  const state = new LabState(model, () => {});
  for (const text of ["h", "he", "hel"]) {
    state.take({ text });
    context.mock.timers.tick(QUIET - 10);
  }
  assert.equal(model.saved.length, 0);
  assert.equal(state.current, false);
  context.mock.timers.tick(20);
  assert.deepEqual(model.saved.map(({ text, revision }) => [text, revision]), [["hel", 1]]);
  assert.equal(state.current, false); // what is shown is still of the text before
  model.held.found = { revision: 1, findings: [] };
  assert.equal(state.current, true);
  state.close();
  assert.equal(model.count(), 0);
});

test("a text that is too long is kept, told of at once, and sent nowhere", (context) => {
  // a pasted book would be lost, or travel to the kernel at every key
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const model = modelOf();
  const told = [];
  const state = new LabState(model, (what) => told.push(what));
  state.take({ text: "x".repeat(101) });
  context.mock.timers.tick(10 * QUIET);
  assert.match(state.problem, /^The text has 101 characters, at most 100 are looked at here\. It is left as it is/);
  assert.equal(state.draft.text.length, 101);
  assert.equal(model.saved.length, 0);
  assert.deepEqual(told, ["draft"]);
  state.take({ text: "x" });
  context.mock.timers.tick(QUIET);
  assert.equal(state.problem, "");
  assert.equal(model.saved.at(-1).text, "x");
});

test("a text is as long as the kernel says it is, with characters of two halves too", (context) => {
  // a text of emoji or rare Chinese characters would be refused here at half of what the kernel takes
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const model = modelOf();
  const state = new LabState(model, () => {});
  state.take({ text: "😀𠮷".repeat(50) });
  context.mock.timers.tick(QUIET);
  assert.equal(state.problem, "");
  assert.equal(model.saved.length, 1);
  state.take({ text: `${"😀𠮷".repeat(50)}é` });
  assert.match(state.problem, /^The text has 101 characters, at most 100/);
  context.mock.timers.tick(QUIET);
  assert.equal(model.saved.length, 1);
});

test("a text that the kernel wrote is shown, the echo of one's own is not", () => {
  // the cursor would jump while one types
  const model = modelOf();
  const told = [];
  const state = new LabState(model, (what) => told.push(what));
  model.tell("change:draft");
  assert.deepEqual(told, []);
  model.held.draft = { ...model.held.draft, text: "new", revision: 7 };
  model.tell("change:draft");
  assert.deepEqual([told, state.draft.text, state.draft.revision], [["replaced"], "new", 7]);
});

test("sounds become files that any player takes", () => {
  // nothing would be heard
  const model = modelOf();
  const state = new LabState(model, () => {});
  assert.deepEqual(model.sent, [{ kind: "sounds" }]);
  const pcm = new Uint8Array([1, 2, 3, 4]);
  const shifted = new Uint8Array([9, 9, 1, 2, 3, 4]);
  model.tell("msg:custom", { kind: "sound", voice: "a", revision: 3, rate: 24000 }, [new DataView(shifted.buffer, 2, 4)]);
  const { revision, wav } = state.sounds.get("a");
  assert.equal(revision, 3);
  assert.deepEqual(wav, wavOf(pcm, 24000));
  const view = new DataView(wav.buffer);
  assert.equal(new TextDecoder().decode(wav.slice(0, 4)), "RIFF");
  assert.deepEqual([view.getUint32(4, true), view.getUint16(20, true), view.getUint16(22, true)], [40, 1, 1]);
  assert.deepEqual([view.getUint32(24, true), view.getUint32(28, true), view.getUint16(32, true), view.getUint16(34, true), view.getUint32(40, true)], [24000, 48000, 2, 16, 4]);
});

test("a place in the text is where the kernel says, with characters of two halves too", () => {
  // the cursor would stand beside the mistake
  const text = "one\n😀 <b>\nlast";
  assert.equal(text.slice(positionOf(text, [2, 3])).startsWith("<b>"), true);
  assert.equal(positionOf(text, [1, 1]), 0);
  assert.equal(positionOf(text, [9, 9]), text.length);
});

test("what is told in words", () => {
  // a screen reader would say nothing, or nonsense
  assert.equal(counted(1, "mistake"), "1 mistake");
  assert.equal(summaryOf({ findings: [{ wrong: true }, { wrong: false }, { wrong: false }], more: 2 }), "1 mistake, 4 pieces of advice.");
  assert.equal(summaryOf({ findings: [] }), "No mistakes, no advice.");
  assert.equal(summaryOf({}), "Reading …");
  assert.equal(summaryOf({ read: true, findings: [], words: 0 }), "There is no text yet: nothing to say.");
  assert.equal(stateTold({ state: "measured", seconds: 1, left_out: "no Joanna; the rest is kept" }), "1.0 s of speech. Not as asked: no Joanna; the rest is kept.");
  assert.equal(stateTold({ state: "failed", problem: "no engine" }), "no engine");
  assert.equal(stateTold({ state: "measured", seconds: 1.26 }), "1.3 s of speech.");
  assert.equal(stateTold(undefined), "");
  assert.equal(new Set(Object.values(LEVELS).map(([sign]) => sign)).size, 3);
});
