// The panel's elements: that they follow its state, can be used without eyes or a mouse, and touch only what differs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { panelAfter, panelAtFirst } from "../../workbench/widgets/static/live_state.js";
import { LiveView } from "../../workbench/widgets/static/live_view.js";
import { fakeHost } from "./live_fakes.mjs";

const EVENTS = readFileSync(new URL("../../data/sessions/coffee/events.jsonl", import.meta.url), "utf8").trim().split("\n").map((line) => JSON.parse(line));

function shown(notes, given = {}) {
  const acts = [];
  const view = new LiveView(fakeHost(), { act: (action) => acts.push(action) });
  let state = panelAtFirst(given);
  view.show(state, 0);
  for (const [what, detail] of notes) {
    state = panelAfter(state, { what, detail });
    view.show(state, 0);
  }
  return { view, state, acts };
}

const LIVE = ["status", { status: "live", way: "proxied" }];
const ALL = EVENTS.map((event) => ["event", event]);

test("the transcript has a line for each utterance and reply, cut where it was heard", () => {
  // the panel would show something else than was said
  const { view } = shown([LIVE, ...ALL]);
  const callers = view.turns.all("wb-caller").map((line) => line.all("wb-text")[0].textContent.trim());
  assert.deepEqual(callers, ["Hi, can I get a large iced mocha with a little bit of soy milk?", "Actually, make it a small one, please."]);
  const unheard = view.turns.all("wb-unheard").map((word) => word.textContent).join(" ");
  assert.equal(unheard, "little bit of soy milk. Coming right up.");
  assert.equal(view.turns.all("wb-cut").length, 1);
  assert.equal(view.turns.all("wb-gone").length, 1);
  assert.ok(view.answer.all("wb-waterfall").length === 1);
});

test("only finals and replies are spoken to a screen reader, once", () => {
  // partials would be read out over each other
  const spokenAt = (type) => {
    const found = EVENTS.findLastIndex((event) => event.type === type && event.turn === 0);
    return shown([LIVE, ...ALL.slice(0, found + 1)]).view.spoken.textContent;
  };
  assert.equal(spokenAt("partial-transcript"), "");
  assert.match(spokenAt("final-transcript"), /^You: Hi, can I get/);
  assert.match(spokenAt("playback-started"), /^Assistant: One large iced mocha/);
  assert.equal(shown([]).view.spoken.getAttribute("aria-live"), "polite");
});

test("turns that did not change keep their elements", () => {
  // the page would redraw everything twenty times a second
  const { view, state } = shown([LIVE, ...ALL.slice(0, -1)]);
  const before = [...view.turns.children];
  view.show(panelAfter(state, { what: "levels", detail: { caller: -20, agent: -100, clipping: false, silent: 0 } }), 0);
  assert.deepEqual(view.turns.children, before);
  const number = state.conversation.turns.length - 1;
  view.show(panelAfter(state, { what: "event", detail: { seq: 9999, at: 99, turn: number, type: "speech-started", position: 0, rate: 1 } }), 0);
  assert.equal(view.turns.children[0], before[0]);
});

test("buttons say what they do, whether they are pressed, and are off where they can do nothing", () => {
  // a screen reader or a mouse would find dead controls
  const idle = shown([]).view;
  assert.deepEqual([idle.mute.disabled, idle.stop.disabled, idle.main.disabled], [true, true, false]);
  const muted = shown([LIVE, ["muted", true]]).view;
  assert.deepEqual([muted.mute.getAttribute("aria-pressed"), muted.mute.textContent], ["true", "Unmute"]);
  assert.equal(muted.way.textContent, "proxied WebSocket");
  assert.equal(muted.root.getAttribute("role"), "region");
  assert.equal(muted.root.getAttribute("data-lm-suppress-shortcuts"), "true");
  assert.equal(muted.meters.caller.track.getAttribute("role"), "meter");
});

test("a refusal is an alert with one sentence", () => {
  // it would go unseen, or unheard
  const { view } = shown([["asking"], ["refused", { sentence: "No microphone was found." }]]);
  assert.deepEqual([view.sentence.textContent, view.sentence.getAttribute("role")], ["No microphone was found.", "alert"]);
});

test("what is clicked is told, and text is never taken as markup", () => {
  // a click would be lost, or a word of the transcript would run as a program
  const bad = { seq: 0, at: 0, turn: 0, type: "final-transcript", text: "<img src=x>", words: [{ text: "<img src=x>", confidence: 1 }] };
  const { view, acts } = shown([LIVE, ["event", bad]]);
  view.stop.dispatch("click");
  view.root.dispatch("keydown", { key: "m" });
  assert.deepEqual(acts, ["stop", "key"]);
  assert.ok(view.turns.textContent.includes("<img src=x>"));
  assert.equal(view.turns.all("img").length, 0);
});
