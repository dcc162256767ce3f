/** One recorded turn with the thresholds on it: drag a line, or move it with the arrow keys. */

import { bufferOf } from "./timeline_source.js";
import { drawn, linePath } from "./tuner_dom.js";
import { milliseconds, onStep, roundTicks, scaleOf, settingText, silenceLine, spread, stepLine } from "./tuner_math.js";

/** Pixels left of the pictures, and right of them, where the handles are. */
export const PICTURE_GUTTER = 108;
export const PICTURE_EDGE = 172;

const TURN_LANES = [
  ["words", 46], ["caller", 46], ["agent", 46], ["sure", 138], ["silence", 150], ["what", 44],
];
const LANE_LABELS = { words: "words", caller: "caller", agent: "agent", sure: "how sure", silence: "silence, s", what: "decided" };
const THRESHOLDS = [
  { name: "early.confidence", lane: "sure", text: "confidence" },
  { name: "early.stability", lane: "sure", text: "stability" },
  { name: "early.end_of_turn", lane: "sure", text: "finished" },
  { name: "endpointing.hangover_min", lane: "silence", text: "complete" },
  { name: "endpointing.hangover_max", lane: "silence", text: "not complete" },
];
const GRIPS_APART = 26;
const SILENCE_SHOWN = 2.5;

/** Where the lanes are. @returns {Object<string, {top: number, height: number}>} */
export function lanesOf() {
  const lanes = {};
  let top = 6;
  for (const [name, height] of TURN_LANES) {
    lanes[name] = { top, height: height - 8 };
    top += height;
  }
  return { ...lanes, bottom: top };
}

export class TurnPicture {
  /**
   * @param {Document} doc
   * @param {Object[]} sliders as told by the kernel
   * @param {(name: string, value: number) => void} move
   */
  constructor(doc, sliders, move) {
    Object.assign(this, { doc, move, sliders: Object.fromEntries(sliders.map((one) => [one.name, one])) });
    this.root = drawn(doc, "svg", { class: "tu-picture", role: "group", "aria-label": "The turn, with its thresholds" });
    this.back = drawn(doc, "g");
    this.lines = drawn(doc, "g");
    this.cursor = drawn(doc, "line", { class: "tu-cursor", visibility: "hidden" });
    this.root.append(this.back, this.lines, this.cursor);
    this.lanes = lanesOf();
    this.handles = Object.fromEntries(THRESHOLDS.map((one) => [one.name, this._handle(one)]));
    this.root.append(...Object.values(this.handles));
  }

  /**
   * Draw.
   * @param {{turn: Object, wave: DataView, settings: Object, before: Object, now: Object, width: number}} shown
   */
  draw(shown) {
    Object.assign(this, shown);
    const height = this.lanes.bottom + 20;
    this.root.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.root.setAttribute("width", this.width);
    this.root.setAttribute("height", height);
    const { turn } = this;
    this.x = scaleOf(turn.from, turn.to, PICTURE_GUTTER, this.width - PICTURE_EDGE);
    this.y = {
      sure: scaleOf(0, 1, this.lanes.sure.top + this.lanes.sure.height, this.lanes.sure.top),
      silence: scaleOf(0, SILENCE_SHOWN, this.lanes.silence.top + this.lanes.silence.height, this.lanes.silence.top),
    };
    const { place } = turn;
    if (place !== this.behind?.place || this.width !== this.behind.width || this.wave !== this.behind.wave) {
      this.behind = { place, width: this.width, wave: this.wave };
      this.back.replaceChildren(...this._lanes(), ...this._waves(), ...this._words(), ...this._axis());
    }
    this.lines.replaceChildren(...this._sure(), ...this._silence(), ...this._decided());
    this._place();
  }

  /** Move the thresholds. */
  place(settings) {
    this.settings = settings;
    if (this.y) this._place();
  }

  /** Show what sounds now. @param {number|null} at stream seconds */
  sounds(at) {
    this.cursor.setAttribute("visibility", at === null ? "hidden" : "visible");
    if (at === null) return;
    const x = this.x(at);
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: 0, y2: this.lanes.bottom })) this.cursor.setAttribute(name, value);
  }

  _text(x, y, text, attributes = {}) {
    const element = drawn(this.doc, "text", { x, y, ...attributes });
    element.textContent = text;
    return element;
  }

  _path(points, kind) {
    return drawn(this.doc, "path", { d: linePath(points), class: kind });
  }

  _lanes() {
    const right = this.width - PICTURE_EDGE;
    return TURN_LANES.flatMap(([name]) => {
      const { top, height } = this.lanes[name];
      const box = { x: PICTURE_GUTTER, y: top, width: right - PICTURE_GUTTER, height, class: "tu-lane" };
      return [drawn(this.doc, "rect", box), this._text(PICTURE_GUTTER - 10, top + 16, LANE_LABELS[name], { class: "tu-label", "text-anchor": "end" })];
    });
  }

  _axis() {
    const y = this.lanes.bottom + 14;
    const begun = this.turn.began;
    const ticks = roundTicks(this.turn.from - begun, this.turn.to - begun, 8);
    const marks = ticks.map((tick) => this._text(this.x(tick + begun), y, `${tick} s`, { class: "tu-tick", "text-anchor": "middle" }));
    for (const [lane, values] of [["sure", [0, 0.5, 1]], ["silence", [0, 1, 2]]]) {
      for (const value of values) {
        const place = this.y[lane](value);
        marks.push(this._text(PICTURE_GUTTER - 10, place + 4, String(value), { class: "tu-tick", "text-anchor": "end", visibility: value === Math.max(...values) ? "hidden" : undefined }));
        marks.push(this._path([[PICTURE_GUTTER, place], [this.width - PICTURE_EDGE, place]], "tu-grid"));
      }
    }
    return marks;
  }

  _waves() {
    const wave = new Int16Array(bufferOf(this.wave));
    if (!wave.length) return [];
    const bins = wave.length / 4;
    let loudest = 800;
    for (const value of wave) loudest = Math.max(loudest, Math.abs(value));
    return ["caller", "agent"].map((who, side) => {
      const { top, height } = this.lanes[who];
      const y = scaleOf(-loudest, loudest, top + height, top);
      const [upper, lower] = [[], []];
      for (let i = 0; i < bins; i += 1) {
        const x = this.x(this.turn.from + ((i + 0.5) / bins) * (this.turn.to - this.turn.from));
        upper.push([x, y(wave[2 * (side * bins + i) + 1])]);
        lower.push([x, y(wave[2 * (side * bins + i)])]);
      }
      return this._path([...upper, ...lower.reverse()], `tu-wave ${who}`);
    });
  }

  _words() {
    const { top, height } = this.lanes.words;
    let free = PICTURE_GUTTER;
    return this.turn.words.filter((word) => word.end > this.turn.from && word.start < this.turn.to).flatMap((word) => {
      const [from, to] = [this.x(Math.max(word.start, this.turn.from)), this.x(Math.min(word.end, this.turn.to))];
      const bar = drawn(this.doc, "rect", { x: from, y: top + height - 6, width: Math.max(2, to - from - 1), height: 4, class: word.confidence < 0.6 ? "tu-word unsure" : "tu-word" });
      const needed = word.text.length * 8.2 + 8;
      if (from < free) return [bar];
      free = from + needed;
      return [bar, this._text(from, top + 20, word.text, { class: "tu-said" })];
    });
  }

  _sure() {
    const offers = this.turn.offers;
    const end = this.turn.offers.at(-1)?.at ?? this.turn.to;
    const parts = [];
    for (const kind of ["end_of_turn", "stability", "confidence"]) {
      const line = stepLine(offers.map((one) => [one.at, one[kind]]), end + 0.05);
      parts.push(this._path(line.map(([at, value]) => [this.x(at), this.y.sure(value)]), `tu-trace ${kind}`));
    }
    for (const one of offers) {
      const at = { cx: this.x(one.at), cy: this.y.sure(one.confidence), r: one.complete ? 4.5 : 3 };
      const told = `${one.complete ? "a finished request" : "unfinished"}: confidence ${one.confidence.toFixed(2)}, stability ${one.stability.toFixed(2)}, has finished ${one.end_of_turn.toFixed(2)}`;
      const title = drawn(this.doc, "title");
      title.textContent = told;
      parts.push(drawn(this.doc, "circle", { ...at, class: one.complete ? "tu-offer complete" : "tu-offer" }, title));
    }
    return parts;
  }

  _silence() {
    const { trace, pauses } = this.turn;
    const until = Math.min(trace.end + 0.35, this.turn.to);
    const { top, height } = this.lanes.silence;
    const placed = ([at, value]) => [this.x(Math.min(at, this.turn.to)), this.y.silence(Math.min(value, SILENCE_SHOWN))];
    const bars = pauses.map(({ from, to }) => {
      const ends = [...trace.cuts, trace.end].find((end) => end >= from && (to === null || end <= to));
      const width = this.x(Math.min(ends ?? to ?? until, this.turn.to)) - this.x(from);
      const kind = ends === undefined ? "tu-hang" : to === null ? "tu-hang ends" : "tu-hang cuts";
      return drawn(this.doc, "rect", { x: this.x(from), y: top + height - 12, width: Math.max(1, width), height: 12, class: kind });
    });
    return [
      ...bars,
      this._path(stepLine(trace.waits, until).map(placed), "tu-wait"),
      this._path(silenceLine(pauses, until).map(placed), "tu-rising"),
    ];
  }

  _decided() {
    const { turn, before, now } = this;
    const { top } = this.lanes.what;
    const mark = (at, kind, text, row, whole = true) => {
      const inside = at <= turn.to;
      const x = this.x(Math.min(at, turn.to));
      const line = whole && inside ? this._path([[x, this.lanes.caller.top], [x, top + 36]], `tu-mark ${kind}`) : null;
      const left = x > this.width - PICTURE_EDGE - 130;
      const words = this._text(x + (left ? -5 : 5), top + 13 + 16 * row, inside ? text : `${text} →`, { class: `tu-marked ${kind}`, "text-anchor": left ? "end" : "start" });
      return [line, words].filter(Boolean);
    };
    const { cuts } = turn.trace;
    const parts = cuts.flatMap((at, n) => mark(at, "cut", this.x(cuts[n + 1] ?? Infinity) - this.x(at) < 75 ? "✂" : "✂ cut off", 0));
    const changed = Math.abs(now.wait - before.wait) > 0.001;
    if (changed) parts.push(...mark(turn.said + before.wait, "was", "", 0));
    parts.push(...mark(turn.trace.end, "end", `ends after ${milliseconds(now.wait)}`, 0));
    for (const at of turn.trace.starts) {
      const x = this.x(Math.min(at, turn.to));
      const used = Math.abs(at - turn.said - now.early) < 1e-4;
      const title = drawn(this.doc, "title");
      title.textContent = used ? "early reply begun, and used" : "early reply begun, and dropped";
      parts.push(drawn(this.doc, "path", { d: `M${x - 6},${this.lanes.sure.top + 2}h12l-6,10z`, class: used ? "tu-early" : "tu-early dropped" }, title));
    }
    if (Number.isFinite(now.response)) parts.push(...mark(turn.said + now.response, "reply", `reply after ${milliseconds(now.response)}`, 1));
    return parts;
  }

  // --- the thresholds

  _handle({ name, lane, text }) {
    const slider = this.sliders[name];
    const group = drawn(this.doc, "g", {
      class: `tu-handle ${name.split(".")[1]}`, role: "slider", tabindex: 0, "aria-label": slider.label, "aria-orientation": "vertical",
      "aria-valuemin": slider.least, "aria-valuemax": slider.most, "data-setting": name,
      onkeydown: (event) => this._key(event, slider),
      onpointerdown: (event) => this._grab(event, lane, slider),
    });
    group.append(drawn(this.doc, "path", { class: "tu-reach" }), drawn(this.doc, "path", { class: "tu-threshold" }), drawn(this.doc, "rect", { class: "tu-grip", rx: 5, width: PICTURE_EDGE - 14, height: 22 }), drawn(this.doc, "text", { class: "tu-grip-text" }));
    Object.assign(group, { lane, text, slider });
    return group;
  }

  _place() {
    const right = this.width - PICTURE_EDGE;
    for (const lane of ["sure", "silence"]) {
      const own = Object.values(this.handles).filter((one) => one.lane === lane);
      const values = own.map((one) => this.settings[one.slider.name]);
      const places = values.map((value) => this.y[lane](Math.min(value, topOf(lane))));
      const grips = spread(places, GRIPS_APART);
      for (const [n, handle] of own.entries()) {
        const [reach, line, grip, words] = handle.children;
        const d = linePath([[PICTURE_GUTTER, places[n]], [right, places[n]], [right + 10, grips[n]]]);
        reach.setAttribute("d", d);
        line.setAttribute("d", d);
        grip.setAttribute("x", right + 10);
        grip.setAttribute("y", grips[n] - 11);
        words.setAttribute("x", right + 17);
        words.setAttribute("y", grips[n] + 4.5);
        const told = settingText(handle.slider, values[n]);
        words.textContent = `${handle.text} ${told}`;
        handle.setAttribute("aria-valuenow", values[n]);
        handle.setAttribute("aria-valuetext", told);
      }
    }
  }

  _key(event, slider) {
    const far = event.shiftKey ? 10 : 1;
    const by = { ArrowUp: far, ArrowRight: far, ArrowDown: -far, ArrowLeft: -far, PageUp: 10, PageDown: -10 }[event.key];
    const ends = { Home: slider.least, End: slider.most };
    if (by === undefined && !(event.key in ends)) return;
    event.preventDefault();
    event.stopPropagation();
    const value = by === undefined ? ends[event.key] : this.settings[slider.name] + by * slider.step;
    this.move(slider.name, onStep(value, slider));
  }

  _grab(event, lane, slider) {
    const group = this.handles[slider.name];
    event.preventDefault();
    group.focus({ preventScroll: true }); // else the picture may slip away under the pointer
    group.setPointerCapture?.(event.pointerId);
    const to = (moved) => {
      const box = this.root.getBoundingClientRect();
      const y = ((moved.clientY - box.top) / (box.height || 1)) * (this.lanes.bottom + 20);
      this.move(slider.name, onStep(this.y[lane].invert(y), slider));
    };
    const over = () => {
      group.removeEventListener("pointermove", to);
      group.removeEventListener("pointerup", over);
      group.removeEventListener("pointercancel", over);
    };
    group.addEventListener("pointermove", to);
    group.addEventListener("pointerup", over);
    group.addEventListener("pointercancel", over);
  }
}

function topOf(lane) {
  return lane === "sure" ? 1 : SILENCE_SHOWN;
}
