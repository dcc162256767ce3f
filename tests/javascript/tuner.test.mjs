// The tuner's arithmetic and its talk with the kernel: what changed, which settings are sent, and when.
import assert from "node:assert/strict";
import test from "node:test";

import {
  changedTurns, fatesOf, figureText, movedSettings, nextPlace, onStep, roundTicks, scaleOf, settingText, silenceLine, spread, stepLine,
} from "../../workbench/widgets/static/tuner_math.js";
import { liveTable, summaryOf } from "../../workbench/widgets/static/tuner_lists.js";
import { TunerPanel } from "../../workbench/widgets/static/tuner_panel.js";
import { figureRows, frontOf, reliabilityText } from "../../workbench/widgets/static/tuner_plots.js";
import { TunerState } from "../../workbench/widgets/static/tuner_state.js";

const plain = { response: [1, 1, 1, 1, 1, NaN, 1, 1], wait: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], cut: [0, 1, 0, 0, 0, 0, 0, 0], wrong: [0, 0, 0, 1, 0, 0, 0, 0] };

test("what becomes of a turn is told by the worst of it", () => {
  // a turn with a wrong reply would be listed as answered sooner
  const now = { response: [0.8, 1, 0.5, 1, 1.2, NaN, 1.01, 0.9], wait: [0.3, 0.5, 0.1, 0.5, 0.7, 0.3, 0.51, 0.4], cut: [0, 0, 1, 0, 0, 0, 0, 2], wrong: [0, 0, 0, 0, 0, 0, 0, 1] };
  const fates = fatesOf(plain, now);
  assert.deepEqual(fates, ["faster", "mended", "cut", "righted", "slower", "faster", "", "wrong"]);
  assert.deepEqual(changedTurns(fates), [7, 2, 1, 3, 4, 0, 5]);
  assert.deepEqual(changedTurns(fatesOf(plain, plain)), []);
});

test("stepping goes round about, and through those that change in their own order", () => {
  // a person would be stuck at the last turn
  assert.equal(nextPlace([7, 2, 4], 4), 7);
  assert.equal(nextPlace([7, 2, 4], 7), 2);
  assert.equal(nextPlace([7, 2, 4], 2, -1), 7);
  assert.equal(nextPlace([], 2), -1);
});

test("a setting keeps to its slider, and the shortest wait to the longest", () => {
  // the kernel would refuse what a drag beyond the edge asks for
  const slider = { least: 0.1, most: 2.5, step: 0.01 };
  assert.equal(onStep(0.30000004, slider), 0.3);
  assert.equal(onStep(-3, slider), 0.1);
  assert.equal(onStep(99, slider), 2.5);
  const settings = { "endpointing.hangover_min": 0.5, "endpointing.hangover_max": 1.4 };
  assert.equal(movedSettings(settings, "endpointing.hangover_min", 1.6)["endpointing.hangover_max"], 1.6);
  assert.equal(movedSettings(settings, "endpointing.hangover_max", 0.3)["endpointing.hangover_min"], 0.3);
  assert.deepEqual(movedSettings(settings, "endpointing.hangover_max", 1), { ...settings, "endpointing.hangover_max": 1 });
});

test("scales go there and back, ticks are round", () => {
  // a threshold would jump when it is taken hold of
  const y = scaleOf(0, 2.5, 150, 10);
  assert.equal(y.invert(y(0.73)).toFixed(6), "0.730000");
  assert.deepEqual(roundTicks(0, 1, 4), [0, 0.5, 1]);
  assert.deepEqual(roundTicks(2.45, 2.95, 5), [2.5, 2.6, 2.7, 2.8, 2.9]);
  assert.deepEqual(roundTicks(3, 3, 5), [3]);
});

test("labels of thresholds lie apart, those too near about their middle", () => {
  assert.deepEqual(spread([100, 10], 26), [100, 10]);
  assert.deepEqual(spread([100, 100], 26), [87, 113]);
  assert.deepEqual(spread([50, 100, 100], 26), [50, 87, 113]);
  assert.deepEqual(spread([80, 100, 100], 26).map(Math.round), [67, 93, 119]); // the three share the room
  assert.deepEqual(spread([], 26), []);
  for (const places of [[3, 1, 2], [0, 0, 0, 0], [10, 30, 33, 90], [5, 31, 40]]) {
    const placed = spread(places, 26);
    const sorted = [...placed].sort((a, b) => a - b);
    sorted.slice(1).forEach((one, n) => assert.ok(one - sorted[n] >= 26 - 1e-9));
    for (const [i, one] of places.entries()) for (const [j, other] of places.entries()) assert.ok(one >= other || placed[i] < placed[j]);
  }
});

test("silence rises in each pause and falls when the caller goes on", () => {
  // the line would not cross the wait where the turn ends
  assert.deepEqual(silenceLine([{ from: 1, to: 1.3 }, { from: 2, to: null }], 2.5), [
    [1, 0], [1.3, 0.30000000000000004], [1.3, 0], [2, 0], [2.5, 0.5], [2.5, 0],
  ]);
  assert.deepEqual(stepLine([[1, 0.4], [2, 0.9]], 3), [[1, 0.4], [2, 0.4], [2, 0.9], [3, 0.9]]);
});

test("figures are written as people read them, and what is not known is not zero", () => {
  // an unknown response time would stand there as 0 ms
  assert.equal(figureText("cut", 0.125), "12.5 %");
  assert.equal(figureText("response_median", 0.4836), "484 ms");
  assert.equal(figureText("response_median", null), "–");
  assert.equal(settingText({ step: 0.01, unit: "s" }, 0.5), "0.50 s");
  assert.equal(settingText({ step: 1 }, 3), "3");
  const figures = { recorded: { cut: [0, 0, 0] }, now: { cut: [0.125, 0, 0.3] } };
  const [row] = figureRows({ cut: "turns cut off" }, figures, 2);
  assert.deepEqual([row.recorded, row.now, row.interval, row.change], ["0.0 %", "12.5 %", "0.0 % to 30.0 %", "+12.5 %"]);
  assert.equal(figureRows({ cut: "" }, figures, 1)[0].interval, "–");
  assert.equal(figureRows({ cut: "" }, { recorded: figures.now, now: figures.now }, 2)[0].change, "");
});

test("the front holds each place once, the suggested settings first", () => {
  // two points would lie on each other and the suggested one could not be taken
  const point = (median, cut, best = true) => ({ median, cut, best, wrong: 0, settings: {} });
  const points = [point(1, 0.1), point(2, 0), point(1, 0.1), point(0.5, 0.5, false)];
  assert.deepEqual(frontOf({ points, chosen: 2 }), [points[2], points[1]]);
  const fit = { kind: "intent", engine: "embedded", language: "en-US", error: [0.2, 0.05], count: 117 };
  assert.match(reliabilityText(fit), /intent confidence \(embedded, en-US\): calibration error 0.200 as told, 0.050 calibrated/);
});

class FakeModel {
  constructor(traits) {
    Object.assign(this, { traits, listeners: new Map(), saved: [], sent: [] });
  }

  get(name) { return this.traits[name]; }

  set(name, value) { this.traits[name] = value; this.changed = { ...this.changed, [name]: value }; }

  save_changes() { this.saved.push(this.changed); this.changed = undefined; }

  send(message) { this.sent.push(message); }

  on(event, call) { this.listeners.set(event, [...(this.listeners.get(event) ?? []), call]); }

  off(event, call) { this.listeners.set(event, (this.listeners.get(event) ?? []).filter((one) => one !== call)); }

  tell(name, value) {
    this.traits[name] = value;
    for (const call of this.listeners.get(`change:${name}`) ?? []) call();
  }

  message(content, buffers) {
    for (const call of this.listeners.get("msg:custom") ?? []) call(content, buffers);
  }
}

const SLIDERS = ["early.confidence", "endpointing.hangover_min", "endpointing.hangover_max"].map((name) => ({ name, least: 0, most: 2.5, step: 0.01 }));

/** A tuner of one turn or two: response 1 s, end of turn after half a second. */
function made(rows = 1) {
  const columns = ["response", "wait", "early"].map((name, n) => [name, "f4", 8 * n]).concat(["cut", "wrong", "starts"].map((name, n) => [name, "u1", 24 + 8 * n]));
  const table = (response) => {
    const buffer = new ArrayBuffer(48);
    new Float32Array(buffer, 0, 1)[0] = response;
    new Float32Array(buffer, 8, 1)[0] = 0.5;
    return new DataView(buffer);
  };
  const model = new FakeModel({
    info: { sliders: SLIDERS, layout: { turns: { rows, columns } }, turns: Array.from({ length: rows }, (_, turn) => ({ session: "s", turn, text: "" })) },
    settings: { "early.confidence": 0.6, "endpointing.hangover_min": 0.5, "endpointing.hangover_max": 1.4 },
    recorded: table(1), decided: table(1), selected: 0,
  });
  const told = [];
  return { model, table, told, state: new TunerState(model, (what) => told.push(what)) };
}

test("while the kernel works only the newest settings wait, and then they are sent", () => {
  // a drag would fill the kernel's queue, or stop short of where it ended
  const { model, state, told } = made();
  for (const value of [0.61, 0.7, 0.8]) state.move("early.confidence", value);
  assert.deepEqual(model.saved.map((one) => one.settings["early.confidence"]), [0.61]);
  assert.equal(state.settings["early.confidence"], 0.8);
  model.tell("outcome", { revision: 2 });
  assert.deepEqual(model.saved.map((one) => one.settings["early.confidence"]), [0.61, 0.8]);
  model.tell("outcome", { revision: 3 });
  assert.equal(model.saved.length, 2);
  state.move("early.confidence", 0.8);
  assert.equal(model.saved.length, 2);
  assert.equal(told.filter((what) => what === "settings").length, 3);
});

test("what is applied are the settings that are shown, once they are decided", () => {
  // a live session would go by settings from the middle of a drag
  const { model, state } = made();
  for (const value of [0.7, 0.9]) state.move("early.confidence", value);
  state.apply();
  model.tell("outcome", { revision: 2 });
  assert.deepEqual(model.sent, []);
  assert.equal(model.saved.at(-1).settings["early.confidence"], 0.9);
  model.tell("outcome", { revision: 3 });
  assert.deepEqual(model.sent, [{ kind: "apply" }]);
  model.tell("outcome", { revision: 4 });
  assert.equal(model.sent.length, 1);
  state.apply();
  assert.equal(model.sent.length, 2);
});

test("a threshold moved there and back while the kernel worked asks for nothing", () => {
  // the page would wait for an answer that never comes
  const { model, state } = made();
  for (const value of [0.7, 0.9, 0.7]) state.move("early.confidence", value);
  model.tell("outcome", { revision: 2 });
  assert.equal(model.saved.length, 1);
  state.move("early.confidence", 0.8);
  assert.equal(model.saved.at(-1).settings["early.confidence"], 0.8);
});

test("another view's settings are taken over, but not while one's own are under way", () => {
  // a threshold would jump back under the hand
  const { model, state } = made();
  model.tell("settings", { ...state.settings, "early.confidence": 0.4 });
  assert.equal(state.settings["early.confidence"], 0.4);
  state.move("early.confidence", 0.9);
  model.tell("settings", { ...state.settings, "early.confidence": 0.5 });
  assert.equal(state.settings["early.confidence"], 0.9);
});

test("settings of a point on the front are taken without those that have no slider", () => {
  // the kernel would be sent what it never offered
  const { model, state } = made();
  state.take({ "early.confidence": 0.3, "endpointing.turn_max": 30 });
  assert.deepEqual(model.saved[0].settings, { "early.confidence": 0.3, "endpointing.hangover_min": 0.5, "endpointing.hangover_max": 1.4 });
});

test("what the kernel decides is read with the recorded turns beside it", () => {
  // a change would be shown against nothing
  const { model, state, table } = made();
  model.tell("decided", table(0.7));
  assert.deepEqual(state.fates, ["faster"]);
  assert.deepEqual(state.places, [0]);
  assert.equal(state.row("before", 0).response, 1);
  assert.equal(state.row("now", 0).response.toFixed(2), "0.70");
});

test("sound comes to whoever asked for it, and a closed tuner listens no more", async () => {
  // a turn would play another's sound
  const { model, state } = made();
  const [one, other] = [state.sound(1, 2), state.sound(3, 4)];
  const [first, second] = model.sent;
  assert.deepEqual([first.kind, first.start, second.start], ["sound", 1, 3]);
  model.message({ kind: "sound", request: second.request, rate: 24_000 }, [new DataView(new Int16Array([7, 8]).buffer)]);
  model.message({ kind: "sound", request: first.request, rate: 24_000 }, [new DataView(new Int16Array([5, 6]).buffer)]);
  assert.deepEqual([...(await one).samples], [5, 6]);
  assert.deepEqual([...(await other).samples], [7, 8]);
  state.close();
  assert.ok([...model.listeners.values()].every((calls) => !calls.length));
});

class FakeElement {
  constructor() { Object.assign(this, { listeners: {}, children: [] }); }

  setAttribute() {}

  addEventListener(name, call) { this.listeners[name] = call; }

  append(...children) { this.children.push(...children); }

  replaceChildren(...children) { this.children = children; }
}

/** The panel's part that shows and sounds turns, of two turns the first, its pictures left out. */
function listening() {
  const { model } = made(2);
  const turn = (place) => ({ place, from: 10 * place, to: 10 * place + 9, sound: true });
  model.traits.turn = turn(0);
  const heard = [];
  const player = { playing: false, play: (from) => { player.playing = true; heard.push(from); }, stop: () => { player.playing = false; }, position: () => 0, close: () => player.stop() };
  const panel = Object.create(TunerPanel.prototype);
  const [title, listen, strip, changes, problem] = [0, 1, 2, 3, 4].map(() => new FakeElement());
  Object.assign(panel, { title, listen, strip, changes, problem, player, place: 0, awaited: null });
  panel.doc = { createElement: () => new FakeElement() };
  panel.view = { requestAnimationFrame: () => 1, cancelAnimationFrame: () => {} };
  panel.picture = { sounds: () => {} };
  panel.themes = panel.sizes = { disconnect: () => {} };
  panel._picture = () => {};
  panel.state = new TunerState(model, (what) => panel.show(what));
  panel._changed();
  return { panel, model, player, heard, arrives: (place) => model.tell("turn", turn(place)), cell: (place) => strip.children[0].children[place].listeners.click() };
}

test("another turn that is chosen or arrives ends the sound of the one before", () => {
  // the old turn would sound on under the new one's picture, followed by another recording
  const { panel, model, player, heard, cell, arrives } = listening();
  panel.sound();
  assert.deepEqual([heard, player.playing], [[0], true]);
  cell(1);
  assert.deepEqual([model.saved.at(-1), player.playing], [{ selected: 1 }, false]);
  panel.sound();
  arrives(1);
  assert.equal(player.playing, false);
});

test("a turn that is to be heard sounds once it is there, whatever else comes first", () => {
  // a threshold moved meanwhile would leave it silent
  const { panel, player, heard, arrives } = listening();
  panel._hear(1);
  arrives(0);
  assert.deepEqual(heard, []);
  arrives(1);
  assert.deepEqual([heard, player.playing], [[10], true]);
  arrives(1);
  assert.deepEqual([heard, player.playing], [[10], true]);
});

test("a turn that is no longer waited for does not sound", () => {
  // it would begin to speak long after another was looked at, or in a page that is closed
  const { panel, heard, cell, arrives } = listening();
  panel._hear(1);
  cell(0);
  arrives(1);
  arrives(0);
  panel._hear(1);
  panel.close();
  arrives(1);
  assert.deepEqual(heard, []);
});

const PAGE = { createElement: () => new FakeElement() };

function textOf(part) {
  return typeof part === "string" ? part : part.children.map(textOf).join(" ");
}

const COMPARED = {
  possible: true, state: "applied", problem: "", verdict: { kind: "outside", text: "Outside the prediction: 0 of 1 turns." },
  predicted: { response_median: [1.2, null, null], range: [0.9, 1.6], share: 7 / 9, turns: 8, cut: 0, commits: 1 },
  measured: { turns: 2, response_median: 2.1, within: 0, answered: 1, cut: 0.5, commits: 0 },
  turns: [{ turn: 3, response: 2.1, within: false, wait: 0.5, early: false, cut: true }, { turn: 4, response: null, within: null, wait: 0.5, early: true, cut: false }],
};

test("live turns are told with the verdict, and what is not known yet is not", () => {
  // a turn without an answer would count as quick, and one recorded session as a sure prediction
  const told = textOf(liveTable(PAGE, COMPARED));
  for (const part of ["✕  Outside the prediction: 0 of 1 turns.", "1200 ms 2100 ms", "range, 78 % expected within 900 ms to 1600 ms 0 of 1 within", "turn 3  2100 ms ✕ outside; cut off", "turn 4  –; early reply"]) {
    assert.ok(told.includes(part), `${part} in ${told}`);
  }
  assert.ok(!told.includes("null"));
});

test("nothing is compared while the settings do not count", () => {
  // turns under other settings would stand beside the prediction
  for (const state of ["asked", "unanswered", "refused", "missed"]) {
    const told = textOf(liveTable(PAGE, { ...COMPARED, state, problem: state === "refused" ? "sure is 3" : "" }));
    assert.ok(!told.includes("turn 3"), state);
    assert.equal(told.includes("sure is 3"), state === "refused");
  }
  assert.match(textOf(liveTable(PAGE, { possible: true, state: "", problem: "press Talk first" })), /^press Talk first$/);
});

test("a line tells what all turns come to while a threshold is moved", () => {
  // the figures lie below the picture, out of sight of who drags on it
  const figures = (response, cut) => ({ response_median: [response], cut: [cut], wrong: [0] });
  const told = textOf({ children: summaryOf(PAGE, { fates: ["", "cut"], places: [1] }, { recorded: figures(1.2, 0), now: figures(0.9, 0.5) }) });
  assert.equal(told.replaceAll(/ +/g, " "), "All 2 turns: median response 1200 ms → 900 ms cut off 0.0 % → 50.0 % wrong reply 0.0 % 1 turn changes");
});
