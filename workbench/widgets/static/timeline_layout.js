/** Where everything of the visible part stands, as boxes to draw and to hit; nothing of the rest is looked at. */

import { FAMILIES, NO_CONFIDENCE } from "./timeline_colour.js";
import { EARLY_KINDS, LANES, MARKS } from "./timeline_session.js";
import { lowerBound } from "./timeline_tables.js";
import { timeOf, xOf } from "./timeline_view.js";

/** Pixels of the column with the lanes' names. */
export const GUTTER = 112;

const HEIGHTS = [
  ["ruler", "", 24], ["callerWords", "words", 66], ["partials", "partials", 24], ["caller", "caller", 66],
  ["speech", "speech, turns", 24], ["early", "early synthesis", 24], ["played", "playback heard", 24],
  ["agent", "agent", 66], ["agentWords", "words", 66], ["response", "response time", 46], ["events", "events", 24],
];

/** Each lane by name: its title, top and height. */
export const LANE = {};
let _below = 0;
for (const [name, title, height] of HEIGHTS) {
  LANE[name] = { name, title, y: _below, height };
  _below += height + (name === "ruler" ? 0 : 4);
}

/** Pixels of all lanes. */
export const HEIGHT = _below;

const WORD_ROWS = 3;
const WORD_HEIGHT = 22;
const READABLE = 26; // pixels a second from which words are written
const LETTER = 7.2; // pixels of a letter, about

/** Which lane is at a height, null between them. */
export function laneAt(y) {
  return Object.values(LANE).find((lane) => y >= lane.y && y < lane.y + lane.height) ?? null;
}

/**
 * The words to see, each with the room it has: up to the next on its row. What was not known at `known` is left out;
 * the words of the hypothesis of then stand in their place.
 */
export function wordBoxes(session, view, { known = null, partial = null } = {}) {
  const boxes = [];
  const readable = view.scale >= READABLE;
  const room = readable ? 160 / view.scale : 0;
  const [start, end, since, who, sure, text, owner] = [
    "start", "end", "known", "who", "confidence", "text", "utterance",
  ].map((name) => session.column("words", name));
  const last = [null, null]; // of each side, from afar: one box a pixel, as unsure as the least sure word in it
  session.within("words", view.start - room, timeOf(view, view.width), (i) => {
    if (known !== null && since[i] > known) return;
    const before = readable ? null : last[who[i]];
    const here = xOf(view, start[i]);
    if (before && here < before.x + Math.max(1.5, before.w)) {
      before.w = Math.max(before.w, xOf(view, end[i]) - before.x);
      if (sure[i] < before.confidence) before.confidence = sure[i];
      if (before.w < 3) return;
      last[who[i]] = null; // wide enough
      return;
    }
    boxes.push({
      what: "word", who: who[i], row: readable ? i % WORD_ROWS : 1, x: here, w: (end[i] - start[i]) * view.scale,
      start: start[i], end: end[i], confidence: sure[i], text: readable ? session.text(text[i]) : "", index: i, owner: owner[i],
      stable: true,
    });
    if (!readable) last[who[i]] = boxes[boxes.length - 1];
  });
  for (const [n, word] of (partial?.words ?? []).entries()) {
    boxes.push({
      what: "word", who: 0, row: n % WORD_ROWS, x: xOf(view, word.start), w: (word.end - word.start) * view.scale,
      start: word.start, end: word.end, confidence: word.confidence, text: word.text, index: -1, owner: -1,
      stable: word.stable,
    });
  }
  if (readable) giveRoom(boxes);
  return boxes;
}

/** Give each box the room to write in: to the next of its row, none if that is too little. */
function giveRoom(boxes) {
  const next = [[], []].map(() => new Array(WORD_ROWS).fill(Infinity));
  for (let i = boxes.length - 1; i >= 0; i -= 1) {
    const box = boxes[i];
    const free = next[box.who][box.row] - box.x - 3;
    box.room = Math.min(free, box.text.length * LETTER + 30);
    next[box.who][box.row] = box.x;
  }
}

/** Where a word stands: its row's top, within the lane of its speaker. */
export function wordTop(box) {
  return LANE[box.who === 0 ? "callerWords" : "agentWords"].y + box.row * WORD_HEIGHT;
}

/** Speech found, replies held early, replies played; with `known` as it was then: up to there, and held if it was. */
export function spanBoxes(session, view, known = null) {
  const boxes = [];
  const lanes = [LANE.speech, LANE.early, LANE.played];
  const [start, end, lane, kind, note, reply] = ["start", "end", "lane", "kind", "note", "reply"].map((name) =>
    session.column("spans", name),
  );
  const until = known === null ? timeOf(view, view.width) : Math.min(known, timeOf(view, view.width));
  const taken = new Map(); // by lane and kind, the last pixel drawn
  session.within("spans", view.start, until, (i) => {
    const place = lane[i] * 4 + kind[i];
    const right = Math.floor(xOf(view, end[i]));
    if (taken.get(place) === right) return; // all of it lies in a pixel that is drawn already
    taken.set(place, right);
    const open = known !== null && end[i] > known;
    const last = open ? known : end[i];
    const early = lane[i] === LANES.early;
    boxes.push({
      what: ["speech", "early", "played"][lane[i]], kind: early ? EARLY_KINDS[open ? 0 : kind[i]] : "",
      x: xOf(view, start[i]), w: Math.max(1, (last - start[i]) * view.scale), y: lanes[lane[i]].y,
      h: lanes[lane[i]].height, start: start[i], end: last, reply: reply[i],
      note: early && open ? `held | ${session.text(note[i]).split(" | ")[1]}` : session.text(note[i]),
    });
  });
  return boxes;
}

/** Ends of turns, barge-ins and the like, with the room to the next; of those that share a pixel one of each kind. */
export function markBoxes(session, view) {
  const boxes = [];
  const [at, kind, turn, note] = ["at", "kind", "turn", "note"].map((name) => session.column("marks", name));
  const taken = new Set();
  const far = view.scale < READABLE; // from there they would hide the waveform, and have no names
  // a barge-in stands where it began, a little before it was told: so the rows are only nearly by time
  const first = Math.max(0, lowerBound(at, view.start) - 4);
  const last = Math.min(at.length, lowerBound(at, timeOf(view, view.width)) + 4);
  for (let i = first; i < last; i += 1) {
    const x = xOf(view, at[i]);
    const place = `${Math.round(x)} ${kind[i]}`;
    if (x < -2 || x > view.width + 2 || taken.has(place)) continue;
    taken.add(place);
    boxes.push({ what: "mark", far, kind: MARKS[kind[i]], x, at: at[i], turn: turn[i], note: session.text(note[i]) });
  }
  if (far) return boxes;
  let [here, next] = [Infinity, Infinity];
  for (const box of [...boxes].sort((a, b) => b.x - a.x)) {
    if (box.x < here) [here, next] = [box.x, here];
    box.room = next - here - 8;
  }
  return boxes;
}

/** Partials as ticks, with the room to the next one; one a pixel. */
export function partialBoxes(session, view) {
  const at = session.column("partials", "at");
  const boxes = [];
  let row = Math.max(0, lowerBound(at, view.start) - 1);
  const until = timeOf(view, view.width);
  for (let x = -Infinity; row < at.length && at[row] <= until; row += 1) {
    const here = xOf(view, at[row]);
    if (here - x < 1) {
      row = Math.max(row, lowerBound(at, timeOf(view, x + 1), row) - 1); // jump over what shares the pixel
      continue;
    }
    x = here;
    const next = row + 1 < at.length ? xOf(view, at[row + 1]) : x + 400;
    boxes.push({
      what: "partial", x, at: at[row], row, stability: session.column("partials", "stability")[row],
      room: Math.min(400, next - x - 4),
    });
  }
  return boxes;
}

/** How many events there are in each pixel, as [x, count]; binary search, however many there are. */
export function eventCounts(session, view) {
  const at = session.column("events", "at");
  const counts = [];
  let before = lowerBound(at, view.start);
  for (let x = 0; x < view.width && before < at.length; x += 1) {
    const after = lowerBound(at, timeOf(view, x + 1), before);
    if (after > before) counts.push([x, after - before]);
    before = after;
    if (after < at.length) x = Math.max(x, Math.floor(xOf(view, at[after])) - 1); // nothing until there
  }
  return counts;
}

/**
 * The response time of each turn. Close by: a bar as long as it took, cut into its contributions. From afar: a column,
 * as high as it took. How long it took is not `told` before the reply sounds, at `known`.
 */
export function responseBoxes(turns, view, longest, known = null) {
  const lane = LANE.response;
  const boxes = [];
  const until = timeOf(view, view.width);
  let taken = -Infinity;
  for (const turn of turns) {
    if (turn.response === null || turn.said > until || turn.sounded < view.start) continue;
    const x = xOf(view, turn.said);
    const width = turn.response * view.scale;
    const across = width >= 40;
    if (!across && x < taken + 2 && turn.response <= (boxes[boxes.length - 1]?.turn.response ?? 0)) continue;
    if (!across && x < taken + 2) boxes.pop(); // the longer one of those that share the place
    taken = x;
    const told = known === null || turn.sounded <= known;
    const box = { what: "response", turn, x, w: across ? width : 3, y: lane.y, h: lane.height, across, told, parts: [] };
    let since = 0;
    for (const [name, seconds] of Object.entries(turn.shares)) {
      if (seconds <= 0) continue;
      const family = FAMILIES[name] ?? "carrying";
      if (across) box.parts.push({ name, family, x: x + since * view.scale, w: seconds * view.scale });
      else {
        const high = (seconds / longest) * lane.height;
        const low = lane.y + lane.height - (since / longest) * lane.height;
        const below = box.parts[box.parts.length - 1];
        if (below?.family === family) Object.assign(below, { y: low - high, h: below.h + high });
        else box.parts.push({ name, family, y: low - high, h: high });
      }
      since += seconds;
    }
    boxes.push(box);
  }
  return boxes;
}

export function boxTop(box) {
  return box.what === "word" ? wordTop(box) : box.what === "mark" ? LANE.speech.y : box.y;
}

export function boxHeight(box) {
  return box.what === "word" ? WORD_HEIGHT - 1 : box.what === "mark" ? LANE.speech.height : box.h;
}

/** What lies under a point, the smallest first; null if nothing does. */
export function hit(boxes, x, y) {
  let best = null;
  for (const box of boxes) {
    const top = boxTop(box);
    const height = boxHeight(box);
    const left = box.what === "mark" ? box.x - 4 : box.x;
    const wide = box.what === "mark" ? 8 : Math.max(box.w, box.what === "word" ? Math.min(box.room ?? 0, 60) : 3);
    if (x < left || x > left + wide || y < top || y >= top + height) continue;
    if (!best || wide < best.wide) best = { box, wide };
  }
  return best?.box ?? null;
}

/** A box in words: what a pointer over it is told. */
export function described(box) {
  const from = (seconds) => `${seconds.toFixed(2)} s`;
  if (box.what === "word") {
    const sure = box.confidence === NO_CONFIDENCE ? "" : `, ${Math.round(box.confidence / 2)}% sure`;
    return `${box.text}: ${from(box.start)} to ${from(box.end)}${sure}${box.stable ? "" : ", may still change"}`;
  }
  if (box.what === "mark") return `${box.kind.replace("-", " ")} at ${from(box.at)}${box.note && `: ${box.note}`}`;
  if (box.what === "response") {
    const parts = Object.entries(box.turn.shares).filter(([, seconds]) => seconds >= 0.0005);
    const told = parts.map(([name, seconds]) => `${name.replaceAll("_", " ")} ${Math.round(seconds * 1000)}`);
    const how = box.turn.measured ? "" : ", from the events alone";
    return `turn ${box.turn.turn}: ${Math.round(box.turn.response * 1000)} ms${how} (${told.join(", ")})`;
  }
  const names = { speech: "speech found", early: "reply prepared early", played: "reply played" };
  const note = box.note ? `, ${box.note.replace(" | ", ": ")}` : "";
  return `${names[box.what]}: ${from(box.start)} to ${from(box.end)}${note}`;
}
