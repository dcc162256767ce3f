// The timeline's arithmetic. Each test's name says what would be broken if it failed.

import assert from "node:assert/strict";
import test from "node:test";

import {
  FAMILIES, FULL, NO_CONFIDENCE, THEMES, colourOf, confidenceColour, isUnsure, themeOf,
} from "../../workbench/widgets/static/timeline_colour.js";
import { knownAt, knownSentence } from "../../workbench/widgets/static/timeline_known.js";
import {
  LANE, boxTop, described, eventCounts, hit, laneAt, markBoxes, partialBoxes, responseBoxes, spanBoxes, wordBoxes,
} from "../../workbench/widgets/static/timeline_layout.js";
import { listLine, listWindow } from "../../workbench/widgets/static/timeline_list.js";
import { SessionData } from "../../workbench/widgets/static/timeline_session.js";
import {
  Intervals, lowerBound, readTables, replacedFrom, upperBound,
} from "../../workbench/widgets/static/timeline_tables.js";
import {
  around, bounded, clock, fitted, grown, keyAction, panned, resized, showing, ticks, timeOf, wheelAction, xOf, zoomed,
} from "../../workbench/widgets/static/timeline_view.js";
import { ASKED_MAX, TILES_MAX, Waves, levelFor } from "../../workbench/widgets/static/timeline_waves.js";
import { NEAR, ROWS, SCHEMA, TURN, packed, session } from "./timeline_fakes.mjs";

test("bounds are found as in a sorted list", () => {
  const sorted = new Float32Array([1, 2, 2, 4]);
  assert.deepEqual([0, 1, 2, 3, 5].map((n) => lowerBound(sorted, n)), [0, 0, 1, 3, 4]);
  assert.deepEqual([0, 1, 2, 3, 5].map((n) => upperBound(sorted, n)), [0, 1, 3, 3, 4]);
});

test("intervals in any order are found as if all were looked at", () => {
  let seed = 5;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const starts = Float32Array.from({ length: 200 }, () => Math.round(random() * 100));
  const ends = starts.map((start) => start + Math.round(random() * 9));
  const intervals = new Intervals(starts, ends);
  for (let n = 0; n < 50; n += 1) {
    const since = Math.round(random() * 100);
    const until = since + Math.round(random() * 5);
    const found = [];
    intervals.within(since, until, (i) => found.push(i));
    const wanted = [...starts.keys()].filter((i) => starts[i] <= until && ends[i] >= since);
    assert.deepEqual(found, wanted);
  }
});

test("a window of a long session is found without looking at the rest", () => {
  const count = 100_000;
  const starts = Float32Array.from({ length: count }, (_, i) => i);
  let looked = 0;
  const watched = new Proxy(starts.map((start) => start + 0.5), {
    get: (held, name) => {
      if (typeof name === "string" && /^\d+$/.test(name)) looked += 1;
      return held[name];
    },
  });
  const intervals = new Intervals(starts, watched);
  looked = 0;
  const found = [];
  intervals.within(50_000, 50_010, (i) => found.push(i));
  assert.equal(found.length, 11);
  assert.ok(looked < 100, `${looked} were looked at`);
});

test("tables are read where Python put them", () => {
  const [layout, buffer] = packed(ROWS);
  const tables = readTables(layout, buffer);
  assert.deepEqual([...tables.partials.columns.count], [1, 2]);
  assert.equal(tables.words.columns.end[2], Math.fround(2.4));
});

test("rows that come take the place of those that may have changed", () => {
  const [before] = [readTables(...packed({ marks: [[1, 0, 0, 0], [2, 0, 0, 0]] }))];
  const fresh = readTables(...packed({ marks: [[2.5, 1, 1, 0], [3, 0, 1, 0]] }));
  const after = replacedFrom(before, { marks: 1 }, fresh);
  assert.deepEqual([...after.marks.columns.at], [1, 2.5, 3]);
  assert.equal(after.marks.rows, 3);
});

test("a session that grows keeps its texts in place, whatever is told twice", () => {
  const live = session();
  const [layout, buffer] = packed({ ...ROWS, marks: [[5, 2, 1, 10]] });
  const since = Object.fromEntries(Object.keys(SCHEMA).map((name) => [name, 0]));
  const told = { layout, since, duration: 7, turns: [{ ...TURN, response: 2 }], strings_from: 9, strings: ["why", "new"] };
  live.grow(told, buffer);
  assert.equal(live.text(10), "new");
  assert.equal(live.strings.length, 11);
  assert.equal(live.duration, 7);
  assert.deepEqual(live.turns.map((turn) => turn.response), [2]);
});

test("what is under the pointer stays there when zooming", () => {
  let view = fitted(3600, 1000);
  for (let n = 0; n < 30; n += 1) {
    const before = timeOf(view, 400);
    view = zoomed(view, 1.3, 400);
    assert.ok(Math.abs(timeOf(view, 400) - before) < 1e-6);
  }
  assert.ok(view.scale <= 3000);
});

test("no view leaves the session or is wider than it", () => {
  const all = fitted(60, 600);
  assert.deepEqual(zoomed(all, 0.1, 300), all);
  const near = bounded({ ...all, scale: 100, start: 59 });
  assert.equal(near.start, 54);
  assert.equal(panned(near, -1e9).start, 0);
  assert.equal(panned(near, 1e9).start, 54);
  assert.equal(bounded({ ...all, scale: 1e9 }).scale, 3000);
});

test("a session seen whole stays so when the page or the session grows", () => {
  assert.deepEqual(resized(fitted(60, 600), 300), fitted(60, 300));
  assert.deepEqual(grown(fitted(60, 600), 90), fitted(90, 600));
});

test("a live session is followed at its end, and left alone elsewhere", () => {
  const view = bounded({ ...fitted(60, 600), scale: 100, start: 54 });
  assert.equal(grown(view, 61).start, 55);
  assert.equal(grown({ ...view, start: 20 }, 61).start, 20);
});

test("the cursor is brought into view and never kept at its edge", () => {
  const view = bounded({ ...fitted(60, 600), scale: 100, start: 10 });
  assert.equal(showing(view, 12), view);
  const moved = showing(view, 30);
  assert.ok(xOf(moved, 30) > 0 && xOf(moved, 30) < 200);
});

test("a turn is shown with room around it", () => {
  const view = around(fitted(60, 600), 10, 12);
  assert.ok(xOf(view, 10) > 20 && xOf(view, 12) < 580);
});

test("the ruler's numbers keep apart and carry over", () => {
  const marks = ticks(bounded({ ...fitted(3600, 1000), scale: 100, start: 58 }));
  assert.ok(marks.every((mark, n) => !n || mark.x - marks[n - 1].x >= 76));
  assert.deepEqual(marks.slice(1, 3).map((mark) => mark.text), ["0:59", "1:00"]);
  assert.equal(clock(59.96, 0.1), "1:00.0");
  assert.equal(clock(3725), "1:02:05");
  assert.equal(clock(5.25, 0.01), "0:05.25");
});

test("a wheel moves the page until the timeline is asked for", () => {
  const wheel = { deltaX: 0, deltaY: 100, deltaMode: 0 };
  assert.equal(wheelAction(wheel, false), null);
  assert.equal(wheelAction(wheel, true).what, "zoom");
  assert.ok(wheelAction(wheel, true).factor < 1);
  assert.equal(wheelAction({ ...wheel, ctrlKey: true }, false).what, "zoom");
  assert.deepEqual(wheelAction({ ...wheel, deltaX: 200 }, false), { what: "pan", pixels: 200 });
  assert.deepEqual(wheelAction({ ...wheel, shiftKey: true, deltaMode: 1 }, false), { what: "pan", pixels: 1600 });
});

test("keys do what they say and leave the browser's own alone", () => {
  assert.deepEqual(keyAction({ key: "ArrowRight" }), { what: "move", pixels: 8 });
  assert.deepEqual(keyAction({ key: "ArrowRight", shiftKey: true }), { what: "move", pixels: 80 });
  assert.equal(keyAction({ key: "N" }).by, 1);
  assert.equal(keyAction({ key: "r", ctrlKey: true }), null);
  assert.equal(keyAction({ key: "Tab" }), null);
});

test("the level drawn has bins no longer than a pixel, and no finer than needed", () => {
  const info = { bin: 0.0025, factor: 4, levels: 7 };
  assert.equal(levelFor(3000, info), 0);
  assert.equal(levelFor(100, info), 1);
  assert.equal(levelFor(25, info), 2);
  assert.equal(levelFor(0.01, info), 6);
});

test("a waveform is the extremes of each pixel, coarser until its tile has come", () => {
  const asked = [];
  const waves = new Waves({ bin: 1, factor: 4, levels: 2, tile: 4 }, (...what) => asked.push(what));
  waves.putLevel("caller", 1, new Int8Array([-8, 8, -4, 4]));
  const view = { start: 0, scale: 1, width: 6, duration: 8 };
  const coarse = waves.columns("caller", view);
  assert.deepEqual([...coarse.high], [8, 8, 8, 8, 4, 4]);
  assert.deepEqual(asked, [["caller", 0, 0], ["caller", 0, 1]]);
  waves.putTile("caller", 0, 0, new Int8Array([-1, 1, -2, 2, -3, 3, -8, 8]));
  waves.putTile("caller", 0, 1, new Int8Array([-4, 4]));
  const fine = waves.columns("caller", view);
  assert.deepEqual([...fine.high], [1, 2, 3, 8, 4, 0]);
  assert.deepEqual([...fine.low], [-1, -2, -3, -8, -4, 0]);
  assert.equal(asked.length, 2, "a tile that came is not asked for again");
});

test("tiles asked for and tiles held are bounded", () => {
  const asked = [];
  const waves = new Waves({ bin: 1, factor: 4, levels: 1, tile: 1 }, (...what) => asked.push(what));
  waves.columns("caller", { start: 0, scale: 1, width: 500, duration: 500 });
  assert.equal(asked.length, ASKED_MAX);
  for (let n = 0; n < TILES_MAX + 50; n += 1) waves.putTile("agent", 0, n, new Int8Array(2));
  assert.equal(waves.tiles.size, TILES_MAX);
  assert.ok(!waves.tiles.has("agent 0 0") && waves.tiles.has(`agent 0 ${TILES_MAX + 49}`));
});

/** Relative luminance, as contrast is worked out from. */
function luminance(colour) {
  const parts = colour.startsWith("#") ? [1, 3, 5].map((n) => parseInt(colour.slice(n, n + 2), 16))
    : colour.match(/\d+/g).map(Number);
  const [r, g, b] = parts.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

test("text and bars stand out from the paper in both themes", () => {
  for (const theme of Object.values(THEMES)) {
    for (const name of ["ink", "faint"]) assert.ok(contrast(theme[name], theme.lane) >= 4.5, name);
    for (const name of ["caller", "agent", "early", "lost", "cursor", "held"]) {
      assert.ok(contrast(theme[name], theme.lane) >= 3, `${name} ${contrast(theme[name], theme.lane)}`);
    }
  }
});

test("sure and unsure differ for eyes that can't tell red from green", () => {
  for (const theme of ["light", "dark"]) {
    const [unsure, sure] = [confidenceColour(0.3, theme), confidenceColour(1, theme)].map((c) => c.match(/\d+/g).map(Number));
    assert.ok(Math.abs(unsure[2] - sure[2]) > 100, "blue tells them apart");
    assert.notEqual(confidenceColour(0.5, theme), confidenceColour(0.7, theme));
    assert.equal(confidenceColour(0, theme), confidenceColour(0.3, theme));
  }
  assert.equal(colourOf(NO_CONFIDENCE, "light"), THEMES.light.agent);
  assert.ok(isUnsure(0.5 * FULL) && !isUnsure(0.9 * FULL) && !isUnsure(NO_CONFIDENCE));
});

test("the notebook's theme goes before the system's", () => {
  const defaultView = { matchMedia: () => ({ matches: true }) };
  assert.equal(themeOf({ body: { dataset: {} }, defaultView }), "dark");
  assert.equal(themeOf({ body: { dataset: { jpThemeLight: "true" } }, defaultView }), "light");
});

test("every contribution has a family with a colour", () => {
  for (const family of Object.values(FAMILIES)) assert.ok(THEMES.light.families[family] && THEMES.dark.families[family]);
});

test("what was known at a moment is neither more nor less than that", () => {
  const held = session();
  assert.equal(knownSentence(knownAt(held, 0.5)), "nothing is known yet");
  const early = knownAt(held, 1.6);
  assert.deepEqual(early.partial.words.map((word) => [word.text, word.stable]), [["A", false]]);
  assert.equal(early.intent, null);
  const later = knownAt(held, 2.7);
  assert.deepEqual(later.partial.words.map((word) => [word.text, word.stable]), [["A", true], ["large", false]]);
  assert.equal(later.intent.final, false);
  assert.equal(later.early.text, "One large");
  assert.equal(later.final, null);
  assert.match(knownSentence(later), /hearing “A \(large\)” · so far order, 75% sure · holds the reply “One large”/);
  const after = knownAt(held, 3.3);
  assert.deepEqual([after.partial, after.final, after.early, after.saying], [null, "A large latte.", null, null]);
  assert.equal(knownAt(held, 3.5).saying, "One");
  assert.equal(knownAt(held, 4.0).saying, "One large");
  assert.equal(knownAt(held, 5).saying, null);
});

test("words stand at their times, and none that was not known", () => {
  const held = session();
  const words = wordBoxes(held, NEAR);
  assert.deepEqual(words.map((box) => box.text), ["A", "large", "latte.", "One", "large"]);
  assert.ok(Math.abs(words[1].x - 50) < 0.01 && Math.abs(words[1].w - 90) < 0.01);
  const known = knownAt(held, 2.1);
  const then = wordBoxes(held, NEAR, { known: 2.1, partial: known.partial });
  assert.deepEqual(then.map((box) => [box.text, box.stable]), [["A", true], ["large", false]]);
  assert.deepEqual(wordBoxes(held, bounded({ ...NEAR, scale: 400, start: 4.5 })), []);
});

test("a word has the room up to the next one of its row", () => {
  const boxes = wordBoxes(session(), NEAR);
  const rows = boxes.filter((box) => box.row === boxes[0].row && box.who === 0);
  for (const [n, box] of rows.slice(0, -1).entries()) assert.ok(box.x + box.room <= rows[n + 1].x);
});

test("from afar words become bars, one a pixel, as unsure as the least sure of them", () => {
  const view = fitted(3600, 600);
  const boxes = wordBoxes(session(), view).filter((box) => box.who === 0);
  assert.equal(boxes.length, 1);
  assert.equal(boxes[0].confidence, 60);
  assert.equal(boxes[0].room, undefined);
});

test("a reply that is held then is not yet committed", () => {
  const [held] = spanBoxes(session(), NEAR, 3.0).filter((box) => box.what === "early");
  assert.equal(held.kind, "held");
  assert.ok(Math.abs(held.x + held.w - xOf(NEAR, 3.0)) < 0.01);
  assert.equal(held.note, "held | One large");
  const [settled] = spanBoxes(session(), NEAR).filter((box) => box.what === "early");
  assert.equal(settled.kind, "committed");
  assert.equal(spanBoxes(session(), NEAR, 2.0).length, 1);
});

test("the name of a mark has the room up to the next, whatever else stands at its place", () => {
  const live = session();
  const [layout, buffer] = packed({ ...ROWS, marks: [[3.5, 3, 0, 0], [2.5, 0, 0, 0], [3.5, 0, 0, 0]] });
  const since = Object.fromEntries(Object.keys(SCHEMA).map((name) => [name, 0]));
  live.grow({ layout, since, duration: 7, turns: [], strings_from: 9, strings: [] }, buffer);
  const rooms = markBoxes(live, NEAR).map((box) => box.room);
  assert.ok(Math.abs(rooms[1] - (NEAR.scale - 8)) < 0.01);
  assert.deepEqual([rooms[0], rooms[2]], [Infinity, Infinity]);
});

test("marks, partials and events of the visible part, no more than one a pixel", () => {
  const held = session();
  assert.deepEqual(markBoxes(held, NEAR).map((box) => box.kind), ["turn-ended"]);
  assert.deepEqual(partialBoxes(held, NEAR).map((box) => box.row), [0, 1]);
  assert.equal(partialBoxes(held, fitted(6000, 600)).length, 1);
  assert.deepEqual(eventCounts(held, fitted(6, 600)).map(([, count]) => count), [1, 2, 1]);
  assert.deepEqual(eventCounts(held, fitted(6000, 600)), [[0, 4]]);
});

test("every event of a session is counted once, at any zoom", () => {
  const events = Array.from({ length: 5000 }, (_, n) => [Math.fround(n * 0.7), 0]);
  const [layout, buffer] = packed({ events });
  const long = new SessionData({ duration: 3500, strings: [""], layout }, buffer);
  for (const width of [100, 777, 2000]) {
    const counts = eventCounts(long, fitted(3500, width));
    assert.equal(counts.reduce((sum, [, count]) => sum + count, 0), 5000);
    assert.ok(counts.every(([x], n) => !n || x > counts[n - 1][0]));
  }
});

test("a response time is as long as it took, and its parts lie end to end", () => {
  const [near] = responseBoxes([TURN], NEAR, 2);
  assert.ok(near.across && Math.abs(near.w - 206) < 0.01);
  for (const [n, part] of near.parts.slice(1).entries()) {
    assert.ok(Math.abs(part.x - near.parts[n].x - near.parts[n].w) < 1e-6);
  }
  const [far] = responseBoxes([TURN], fitted(3600, 600), 2.06);
  assert.ok(!far.across);
  const high = far.parts.reduce((sum, part) => sum + part.h, 0);
  assert.ok(Math.abs(high - LANE.response.height / 2) < 0.01);
  assert.deepEqual(responseBoxes([{ ...TURN, response: null }], NEAR, 2), []);
  const told = [null, TURN.sounded - 0.1, TURN.sounded].map((known) => responseBoxes([TURN], NEAR, 2, known)[0].told);
  assert.deepEqual(told, [true, false, true]); // nobody knew it before the reply sounded
});

test("the pointer finds the smallest box under it", () => {
  const held = session();
  const boxes = [...wordBoxes(held, NEAR), ...spanBoxes(held, NEAR), ...responseBoxes(held.turns, NEAR, 2)];
  const latte = boxes.find((box) => box.text === "latte.");
  assert.equal(hit(boxes, latte.x + 5, boxTop(latte) + 5), latte);
  assert.equal(hit(boxes, 5, LANE.early.y + 5), null);
  assert.equal(hit(boxes, xOf(NEAR, 3), LANE.early.y + 5).what, "early");
  assert.equal(laneAt(LANE.agent.y + 1).name, "agent");
  assert.equal(laneAt(-5), null);
});

test("a box is told in words, with its numbers", () => {
  const held = session();
  const [word] = wordBoxes(held, NEAR);
  assert.equal(described(word), "A: 1.00 s to 1.20 s, 30% sure");
  const early = spanBoxes(held, NEAR).find((box) => box.what === "early");
  assert.equal(described(early), "reply prepared early: 2.60 s to 3.20 s, committed: One large");
  const [mark] = markBoxes(held, NEAR);
  assert.equal(described(mark), "turn ended at 2.90 s: why");
  const [response] = responseBoxes(held.turns, NEAR, 2);
  assert.match(described(response), /^turn 0: 1030 ms \(endpointing 500, transcription tail 300, /);
  const speech = spanBoxes(held, NEAR).find((box) => box.what === "speech");
  assert.equal(described(speech), "speech found: 1.02 s to 2.43 s");
});

test("the list tells what the picture does, a page at a time", () => {
  const line = listLine(session(), 1);
  assert.deepEqual([line.who, line.text, line.note, line.when], ["agent", "One large", "interrupted", "0:03.4"]);
  assert.equal(listLine(session(), 0).note, "90% sure");
  assert.deepEqual(listWindow(10, 5), [0, 10]);
  const [first, last] = listWindow(1000, 500);
  assert.ok(first <= 500 && last > 500 && last - first === 60);
  assert.deepEqual(listWindow(1000, 999)[1], 1000);
});
