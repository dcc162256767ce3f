/** The timeline on a page: canvases, buttons, keys and pointers around the pure parts. */

import { themeOf } from "./timeline_colour.js";
import { knownAt, knownSentence, partialAt } from "./timeline_known.js";
import { Hands } from "./timeline_hands.js";
import {
  GUTTER, HEIGHT, boxHeight, boxTop, described, eventCounts, hit, markBoxes, partialBoxes, responseBoxes, spanBoxes,
  wordBoxes,
} from "./timeline_layout.js";
import { TranscriptList } from "./timeline_list.js";
import { STRIP, paintLanes, paintOver, paintStrip, paintWhole } from "./timeline_paint.js";
import { around, clock, fitted, grown, panned, resized, showing, timeOf, xOf, zoomed } from "./timeline_view.js";

const SPOKEN_AFTER = 700; // milliseconds of rest before a screen reader is told what was known
const HELP = [
  "Click to listen from there. Drag to move, or the ruler to see what was known when.",
  "Wheel (after a click, or with Ctrl): closer and farther; with Shift: earlier and later.",
  "Keys: ← → move the cursor (Shift: faster), + − zoom, 0 whole session, n p next and previous turn, Space listens, " +
    "k shows what was known, Escape lets go.",
].join(" ");

export class TimelinePanel {
  constructor(el, source) {
    this.el = el;
    this.doc = el.ownerDocument;
    this.source = source;
    this.cursor = null; // track second, null when there is none
    this.veiled = false; // whether only what was known at the cursor is shown
    this.frames = 0; // drawn so far: what a benchmark counts
    this._build();
    this.view = fitted(source.session.duration, this._width());
    this.player = source.hasSound ? source.player((what, problem) => this._played(what, problem)) : null;
    this.play.hidden = !this.player;
    source.changed = () => this._grown();
    this.resizing = new ResizeObserver(() => this._resized());
    this.resizing.observe(this.board);
    this.theming = new MutationObserver(() => this._redraw());
    this.theming.observe(this.doc.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    this.scheme = this.doc.defaultView.matchMedia("(prefers-color-scheme: dark)");
    this.schemed = () => this._redraw();
    this.scheme.addEventListener("change", this.schemed);
    this._resized();
  }

  close() {
    this.closed = true;
    this.resizing.disconnect();
    this.theming.disconnect();
    this.scheme.removeEventListener("change", this.schemed);
    clearTimeout(this.speaking);
    this.player?.close();
    this.source.close();
    this.el.replaceChildren();
  }

  // --- what is on the page

  _build() {
    this.root = this._element("section", "wt", this.el);
    this.root.addEventListener("keydown", (event) => { // a notebook has keys of its own: x or d would cut or delete the cell
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
    this.root.setAttribute("aria-label", "Timeline of a session");
    const bar = this._element("div", "wt-bar", this.root);
    this.play = this._button(bar, "Listen", () => this._listen());
    this._button(bar, "−", () => this._zoom(1 / 1.6), "Farther");
    this._button(bar, "+", () => this._zoom(1.6), "Closer");
    this._button(bar, "Whole session", () => this._act({ what: "fit" }));
    this._button(bar, "◂ Turn", () => this._act({ what: "turn", by: -1 }), "Previous turn");
    this._button(bar, "Turn ▸", () => this._act({ what: "turn", by: 1 }), "Next turn");
    this.knowing = this._button(bar, "As known then", () => this._act({ what: "known" }));
    this.knowing.setAttribute("aria-pressed", "false");
    this.time = this._element("output", "wt-time", bar);
    this.strip = this._canvas("wt-strip", this.root);
    this.board = this._element("div", "wt-board", this.root);
    this.board.tabIndex = 0;
    this.board.setAttribute("role", "group");
    this.board.setAttribute("aria-roledescription", "timeline");
    this.board.setAttribute("aria-label", `Both sides of the session over time. ${HELP}`);
    this.lanes = this._canvas("wt-lanes", this.board);
    this.over = this._canvas("wt-over", this.board);
    this.tip = this._element("div", "wt-tip", this.board);
    this.tip.hidden = true;
    this.known = this._element("p", "wt-known", this.root);
    this.said = this._element("p", "wt-unseen", this.root);
    this.said.setAttribute("aria-live", "polite");
    this.problem = this._element("p", "wt-problem", this.root);
    this.problem.setAttribute("role", "alert");
    this._legend();
    this.list = new TranscriptList(this.doc, this.source.session, (time) => this._choose(time));
    this.root.append(this.list.element);
    this.hands = this._hands();
  }

  _legend() {
    const legend = this._element("ul", "wt-legend", this.root);
    const entries = [
      ["sure", "sure of the word"], ["unsure", "unsure (dashed)"], ["speech", "speech found"],
      ["committed", "prepared early, used"], ["discarded", "prepared, discarded"], ["held", "still held"],
      ["played", "heard of the reply"], ["carrying", "response: carrying"], ["listening", "listening"],
      ["thinking", "thinking"], ["speaking", "speaking"],
    ];
    for (const [kind, text] of entries) {
      const item = this._element("li", "", legend);
      this._element("span", `wt-key ${kind}`, item).setAttribute("aria-hidden", "true");
      item.append(text);
    }
    this._element("p", "wt-help", this.root).textContent = HELP;
  }

  _hands() {
    return new Hands(this.board, this.strip, {
      see: () => this.view,
      pan: (pixels, view) => this._see(panned(view, pixels)),
      zoom: (factor, x) => this._see(zoomed(this.view, factor, x)),
      act: (action) => this._act(action),
      scrub: (x) => this._scrub(timeOf(this.view, x)),
      choose: (x) => this._choose(timeOf(this.view, x)),
      hover: (x, y) => this._hover(x === null ? null : hit(this.boxes ?? [], x, y)),
      jump: (x) => this._see({ ...this.view, start: x / this._whole().scale - this.view.width / this.view.scale / 2 }),
    });
  }

  // --- what a user does

  /** Show what was known where the pointer is. */
  _scrub(time) {
    this.player?.stop();
    this.veiled = true;
    this._point(Math.min(Math.max(0, time), this.source.session.duration));
  }

  /** Put the cursor somewhere and listen from there. */
  _choose(time) {
    this._point(time);
    this._see(showing(this.view, time));
    this._listen(true);
  }

  _act(action) {
    const { session } = this.source;
    const at = this.cursor ?? timeOf(this.view, 0);
    if (action.what === "zoom") this._zoom(action.factor);
    else if (action.what === "fit") this._see(fitted(session.duration, this.view.width));
    else if (action.what === "page") this._see(panned(this.view, action.pages * this.view.width));
    else if (action.what === "move") this._go(at + action.pixels / this.view.scale);
    else if (action.what === "go") this._go(action.to === "start" ? 0 : session.duration);
    else if (action.what === "turn") this._turn(action.by);
    else if (action.what === "play") this._listen();
    else if (action.what === "known") {
      this.veiled = !this.veiled;
      this._point(this.veiled && this.cursor === null ? timeOf(this.view, this.view.width / 2) : this.cursor);
    } else if (action.what === "clear") {
      this.player?.stop();
      this.veiled = false;
      this._point(null);
    }
  }

  _go(time) {
    this.player?.stop();
    this._point(Math.min(Math.max(0, time), this.source.session.duration));
    this._see(showing(this.view, this.cursor));
  }

  _turn(by) {
    const { turns } = this.source.session;
    const placed = turns.filter((turn) => turn.said !== null);
    const at = this.cursor ?? this.view.start;
    const found = by > 0 ? placed.find((turn) => turn.began > at + 0.01)
      : placed.filter((turn) => turn.began < at - 0.01).pop();
    if (!found) return;
    this.player?.stop();
    this._point(found.began);
    this._see(around(this.view, found.began, found.sounded ?? found.said));
  }

  _zoom(factor) {
    const x = this.cursor === null ? this.view.width / 2 : xOf(this.view, this.cursor);
    this._see(zoomed(this.view, factor, Math.min(Math.max(x, 0), this.view.width)));
  }

  _listen(again = false) {
    if (!this.player) return;
    this.problem.textContent = "";
    if (this.player.playing && !again) this.player.stop();
    else this.player.play(this.cursor ?? this.view.start).catch((error) => this._played("ended", error.message));
    this._changed();
  }

  _played(what, problem) {
    if (problem) this.problem.textContent = problem;
    this._changed();
  }

  // --- what is seen

  _see(view) {
    const bounds = this.source.session.duration;
    this.view = panned({ ...view, duration: bounds }, 0);
    this._hover(null);
    this._redraw();
  }

  _point(time) {
    this.cursor = time;
    this.knowing.setAttribute("aria-pressed", String(this.veiled));
    if (time !== null) this.list.follow(time);
    this._redraw();
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => { this.said.textContent = this.known.textContent; }, SPOKEN_AFTER);
  }

  _hover(box) {
    if (box === this.hovered) return;
    this.hovered = box;
    this.tip.hidden = !box;
    if (box) {
      this.tip.textContent = described(box);
      const left = Math.min(Math.max(0, GUTTER + box.x), Math.max(0, this.board.clientWidth - 340));
      this.tip.style.left = `${left}px`;
      this.tip.style.top = `${boxTop(box) + boxHeight(box) + 4}px`;
    }
    this._changed();
  }

  _width() {
    return Math.max(120, (this.board.clientWidth || 800) - GUTTER);
  }

  _whole() {
    return fitted(this.source.session.duration, this.view.width);
  }

  _resized() {
    this.view = resized(this.view, this._width());
    this._redraw();
  }

  _grown() {
    const { session } = this.source;
    this.view = grown(this.view, session.duration);
    this.list.session = session;
    this.list.refresh();
    this._redraw();
  }

  /** Draw everything anew with the next frame. */
  _redraw() {
    this.stale = true;
    this._changed();
  }

  /** Draw what changed with the next frame. */
  _changed() {
    if (this.due || this.closed) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      if (!this.closed) this._frame();
    });
  }

  _frame() {
    const { session } = this.source;
    const sounding = this.player?.position() ?? null;
    if (sounding !== null) {
      this.cursor = Math.min(sounding, session.duration);
      const followed = showing(this.view, this.cursor);
      this.stale ||= followed !== this.view || this.veiled;
      this.view = followed;
      this.list.follow(this.cursor);
    }
    const theme = themeOf(this.doc);
    this.root.dataset.theme = theme;
    const known = this.cursor === null ? null : knownAt(session, this.cursor);
    if (this.stale) this._drawLanes(theme, known);
    const hover = this.hovered && { x: this.hovered.x, w: Math.max(this.hovered.w ?? 0, 4), y: boxTop(this.hovered), h: boxHeight(this.hovered) };
    const x = this.cursor === null ? null : xOf(this.view, this.cursor);
    paintOver(this._fresh(this.over, HEIGHT), { view: this.view, theme, cursor: x, veiled: this.veiled, hover });
    this._drawStrip(theme);
    this._tell(known);
    this.frames += 1;
    if (sounding !== null || this.player?.playing) this._changed();
  }

  _drawLanes(theme, known) {
    const { session, waves } = this.source;
    const { view } = this;
    this.stale = false;
    const veiled = this.veiled && known !== null;
    const live = session.column("partials", "at").length ? partialAt(session, Infinity, session.finals.at(-1) ?? -1) : null;
    const words = wordBoxes(session, view, veiled ? { known: this.cursor, partial: known.partial } : { partial: live });
    const spans = spanBoxes(session, view, veiled ? this.cursor : null);
    const marks = markBoxes(session, view);
    const longest = Math.max(0.1, ...session.turns.map((turn) => turn.response ?? 0));
    const responses = responseBoxes(session.turns, view, longest, veiled ? this.cursor : null);
    if (view.scale > 40) for (const mark of marks) mark.label = mark.kind.replace("turn-", "turn ");
    this.boxes = [...words, ...spans, ...marks, ...responses];
    this.shapes ??= {};
    for (const who of ["caller", "agent"]) this.shapes[who] = waves.columns(who, view, this.shapes[who]);
    paintLanes(this._fresh(this.lanes, HEIGHT), {
      view, theme, words, spans, marks, responses, partials: partialBoxes(session, view), waves: this.shapes,
      counts: eventCounts(session, view), peak: this.source.peak, partialText: (row) => this._partialText(row),
    });
  }

  _partialText(row) {
    const { session } = this.source;
    const first = session.column("partials", "first")[row];
    const count = session.column("partials", "count")[row];
    const texts = session.column("partialWords", "text").subarray(first, first + count);
    return [...texts].map((number) => session.text(number)).join(" ");
  }

  _drawStrip(theme) {
    const whole = this._whole();
    const { session, peak } = this.source;
    const same = JSON.stringify([whole.width, whole.duration, peak, theme, session.tables.events.rows]);
    if (this.small?.same !== same) this.small = { same, picture: this._picture(whole, theme) };
    const { picture } = this.small;
    paintStrip(this._fresh(this.strip, STRIP), { whole, view: this.view, theme, picture, cursor: this.cursor });
  }

  /** The whole session small, drawn once. */
  _picture(whole, theme) {
    const { session, waves, peak } = this.source;
    const picture = this.doc.createElement("canvas");
    const both = { caller: waves.columns("caller", whole), agent: waves.columns("agent", whole) };
    paintWhole(this._sized(picture, whole.width, STRIP), {
      whole, theme, peak, waves: waves.whole.size ? both : null, counts: eventCounts(session, whole),
    });
    return picture;
  }

  _tell(known) {
    const { session } = this.source;
    const at = this.cursor === null ? clock(session.duration, 0.1) : `${clock(this.cursor, 0.1)} of ${clock(session.duration, 0.1)}`;
    if (this.time.textContent !== at) this.time.textContent = at;
    const text = known === null ? "" : `At ${clock(known.time, 0.01)}: ${knownSentence(known)}`;
    if (this.known.textContent !== text) this.known.textContent = text;
    const label = this.player?.playing ? "Pause" : "Listen";
    if (this.play.textContent !== label) this.play.textContent = label;
  }

  /** A canvas as wide as the timeline, ready to draw on. */
  _fresh(canvas, height) {
    return this._sized(canvas, GUTTER + this.view.width, height);
  }

  /** A canvas of a size, in the page's pixels. */
  _sized(canvas, width, height) {
    const ratio = this.doc.defaultView.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const to = canvas.getContext("2d");
    to.setTransform(ratio, 0, 0, ratio, 0, 0);
    return to;
  }

  // --- elements

  _element(name, kind, parent) {
    const element = this.doc.createElement(name);
    if (kind) element.className = kind;
    parent.append(element);
    return element;
  }

  _canvas(kind, parent) {
    const canvas = this._element("canvas", kind, parent);
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  }

  _button(parent, text, act, label = null) {
    const button = this._element("button", "", parent);
    button.type = "button";
    button.textContent = text;
    if (label) button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    return button;
  }
}
