/** The tuner in a page: pictures, sliders, figures and lists, each drawn anew when what it shows has changed. */

import { themeOf } from "./timeline_colour.js";
import { WindowPlayer } from "./timeline_player.js";
import { node } from "./tuner_dom.js";
import { changedList, figuresTable, liveTable, slidersOf, summaryOf, TurnStrip } from "./tuner_lists.js";
import { nextPlace } from "./tuner_math.js";
import { TurnPicture } from "./tuner_picture.js";
import { frontPlot, reliabilityPlot, reliabilityText } from "./tuner_plots.js";
import { TunerState } from "./tuner_state.js";

const NARROWEST = 560;

export class TunerPanel {
  /** @param {HTMLElement} el @param {object} model */
  constructor(el, model) {
    this.place = null; // of the turn that is shown
    this.awaited = null; // place of the turn that sounds once it is there
    this.doc = el.ownerDocument;
    this.view = this.doc.defaultView;
    this.state = new TunerState(model, (what) => this.show(what));
    this.player = new WindowPlayer({
      fetch: (start, seconds) => this.state.sound(start, seconds), duration: () => this.state.get("turn").to, on: (_, problem) => this.silent(problem),
    });
    this._build();
    el.replaceChildren(this.root);
    this._theme = () => { this.root.dataset.theme = themeOf(this.doc); };
    this._theme();
    this.themes = new this.view.MutationObserver(this._theme);
    this.themes.observe(this.doc.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    this.scheme = this.view.matchMedia?.("(prefers-color-scheme: dark)");
    this.scheme?.addEventListener("change", this._theme);
    this.sizes = new this.view.ResizeObserver(() => this._resized());
    this.sizes.observe(this.root);
    for (const what of ["settings", "outcome", "decided", "turn", "front", "live"]) this.show(what);
  }

  /** Draw what `what` tells of. */
  show(what) {
    const { state } = this;
    if (what === "settings") {
      this.sliders.show(state.settings);
      this.picture.place(state.settings);
    }
    if (["turn", "wave", "decided"].includes(what)) this._pictureSoon();
    if (what === "outcome") this._outcome();
    if (["decided", "outcome"].includes(what)) this.summary.replaceChildren(...summaryOf(this.doc, state, state.get("outcome")));
    if (["front", "outcome"].includes(what)) this._front();
    if (["decided", "selected"].includes(what)) this._changed();
    if (what === "turn") this._title();
    if (what === "live") this.live.replaceChildren(liveTable(this.doc, state.get("live")));
    if (["live", "settings"].includes(what)) this._since();
  }

  close() {
    this.player.close();
    this.state.close();
    this.themes.disconnect();
    this.sizes.disconnect();
    this.scheme?.removeEventListener("change", this._theme);
    this.view.cancelAnimationFrame(this.frame);
  }

  // --- what is there

  _build() {
    const { doc, state } = this;
    const button = (text, act, more = {}) => node(doc, "button", { type: "button", onclick: act, ...more }, text);
    const part = (title, ...children) => node(doc, "section", {}, node(doc, "h3", {}, title), ...children);
    this.title = node(doc, "p", { class: "tu-title" });
    this.listen = button("▶ Listen", () => this.sound(), { "aria-keyshortcuts": "Space" });
    this.listen.className = "tu-listen";
    this.suggested = button("Suggested settings", () => this._suggest(), { disabled: true });
    this.bar = node(doc, "div", { class: "tu-bar" }, this.listen, button("‹ Turn", () => this._step(-1)), button("Turn ›", () => this._step(1)),
      button("Next that changes", () => this._stepChanged(1)), node(doc, "span", { class: "tu-gap" }),
      button("As recorded", () => state.take(state.info.base)), this.suggested);
    this.summary = node(doc, "p", { class: "tu-summary" });
    this.picture = new TurnPicture(doc, state.info.sliders, (name, value) => state.move(name, value));
    this.board = node(doc, "div", { class: "tu-board" }, this.picture.root);
    this.sliders = slidersOf(doc, state.info.sliders, (name, value) => state.move(name, value));
    [this.problem, this.figures, this.strip, this.changes] = [0, 1, 2, 3].map(() => node(doc, "div"));
    [this.front, this.promise, this.yaml] = [node(doc, "div"), node(doc, "p", { class: "tu-faint" }), node(doc, "pre", { class: "tu-yaml", tabindex: 0, "aria-label": "Settings as YAML" })];
    this.live = node(doc, "div");
    this.since = node(doc, "p", { class: "tu-faint" });
    const apply = button("Apply to the live session", () => state.apply(), { disabled: !state.get("live").possible });
    apply.className = "tu-apply";
    this.copied = node(doc, "span", { role: "status", class: "tu-faint" });
    const applying = node(doc, "div", { class: "tu-bar" }, apply, button("Copy YAML", () => this._copy()), this.copied);
    const worth = state.info.calibration.map((fit) => node(doc, "div", {}, reliabilityPlot(doc, fit), node(doc, "p", { class: "tu-faint" }, reliabilityText(fit))));
    const none = node(doc, "p", { class: "tu-faint" }, "Too few scores to say: thirty, of two conversations, are needed.");
    this.root = node(doc, "div", { class: "tu", onkeydown: (event) => this._key(event) },
      this.title, this.bar, this.summary, state.info.note ? node(doc, "p", { class: "tu-faint" }, state.info.note) : "", this.board, this._legend(), this.sliders.root, this.problem,
      node(doc, "div", { class: "tu-two wide" }, part("What all turns come to", this.figures), part("Which turns change", this.strip, this.changes)),
      node(doc, "div", { class: "tu-two" },
        part("Settings that nothing beats", this.front, this.promise),
        part("What confidence is worth", ...(worth.length ? worth : [none]))),
      node(doc, "div", { class: "tu-two" }, part("The settings", this.yaml, applying), part("Live turns beside the prediction", this.live, this.since)));
  }

  _legend() {
    const entries = [
      ["confidence", "confidence"], ["stability", "stability"], ["end_of_turn", "caller has finished"], ["rising", "silence as it grows"], ["wait", "silence that ends the turn"],
      ["hang", "hangover"], ["cuts", "✂ cut off"], ["was", "end as recorded"], ["early", "▼ early reply begun, used"], ["early", "▽ begun, dropped"], ["offer", "● finished request"],
    ];
    const items = entries.map(([kind, text]) => node(this.doc, "li", {}, node(this.doc, "span", { class: `tu-key ${kind}`, "aria-hidden": true }), text));
    const help = "Drag a threshold, or focus it and press the arrow keys (Shift: ten steps). Space listens, n and p go from turn to turn, c to the next that changes.";
    return node(this.doc, "div", {}, node(this.doc, "ul", { class: "tu-legend" }, ...items), node(this.doc, "p", { class: "tu-faint" }, help));
  }

  // --- what is shown

  _title() {
    const { state } = this;
    const place = state.get("turn").place;
    const { session, turn, text } = state.info.turns[place];
    if (place !== this.place) {
      this.place = place;
      this.player.stop(); // what sounds is of another turn, maybe of another recording
      this.silent(null);
    }
    this.title.replaceChildren(node(this.doc, "b", {}, `${session}, turn ${turn}`), ` (${place + 1} of ${state.info.turns.length}) `, text ? node(this.doc, "q", {}, text) : "");
    this.listen.disabled = !state.get("turn").sound;
    if (place === this.awaited) this.sound();
  }

  /** Draw the picture once all has been read that came together. */
  _pictureSoon() {
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      this._picture();
    });
  }

  _picture() {
    const { state } = this;
    const turn = state.get("turn");
    const width = Math.max(NARROWEST, Math.floor(this.board.clientWidth || NARROWEST));
    this.picture.draw({
      turn, width, settings: state.settings, wave: state.get("wave"),
      before: state.row("before", turn.place), now: state.row("now", turn.place),
    });
  }

  _outcome() {
    const outcome = this.state.get("outcome");
    this.problem.replaceChildren(...(outcome.problem ? [node(this.doc, "p", { class: "tu-bad", role: "alert" }, outcome.problem)] : []));
    this.figures.replaceChildren(figuresTable(this.doc, this.state.info, outcome));
    this.yaml.textContent = outcome.yaml;
    this.copied.textContent = "";
  }

  _changed() {
    const selected = this.state.get("selected");
    if (!this.cells) {
      this.cells = new TurnStrip(this.doc, this.state.info.turns, (place) => this._hear(place, false));
      this.strip.replaceChildren(this.cells.root);
    }
    this.cells.show(this.state.fates, selected);
    const focused = this.doc.activeElement?.getAttribute?.("data-turn");
    const had = focused && this.changes.contains(this.doc.activeElement);
    this.changes.replaceChildren(changedList(this.doc, this.state, selected, (place) => this._hear(place)));
    if (had) this.changes.querySelector(`[data-turn="${focused}"]`)?.focus();
  }

  _front() {
    const front = this.state.get("front");
    const outcome = this.state.get("outcome");
    this.suggested.disabled = !front.points;
    if (front.points && this.shown === front && this.plot.place(outcome.now)) return;
    this.shown = front;
    if (!front.points) {
      const told = front.problem ?? (front.total ? `Trying settings: ${front.done} of ${front.total}` : "Trying settings …");
      this.front.replaceChildren(node(this.doc, "p", { class: front.problem ? "tu-bad" : "tu-faint" }, told));
      return;
    }
    const focused = this.doc.activeElement?.getAttribute?.("aria-label");
    this.plot = frontPlot(this.doc, front, outcome, (settings) => this.state.take(settings));
    const plot = this.plot.root;
    const had = this.front.contains(this.doc.activeElement);
    this.front.replaceChildren(plot, node(this.doc, "p", { class: "tu-faint" }, "◆ now, with its interval   ✕ as recorded   ○ nothing beats it: choose one   ◎ suggested"));
    if (had) for (const one of plot.querySelectorAll("[role=button]")) if (one.getAttribute("aria-label") === focused) one.focus();
    this.promise.textContent = front.promise;
  }

  /** Say if what is shown is not what was applied. */
  _since() {
    const { settings = {} } = this.state.get("live");
    const moved = Object.entries(this.state.settings).some(([name, value]) => name in settings && settings[name] !== value);
    this.since.textContent = moved ? "The settings shown are not those applied: they were moved since." : "";
  }

  _resized() {
    const width = this.board.clientWidth;
    if (width === this.width) return;
    this.width = width;
    this._picture();
  }

  // --- what is done

  _suggest() {
    const { points, chosen } = this.state.get("front");
    this.state.take(points[chosen].settings);
  }

  _step(by) {
    this._hear(nextPlace(this.state.fates.keys(), this.state.get("selected"), by), false);
  }

  _stepChanged(by) {
    const place = nextPlace(this.state.places, this.state.get("selected"), by);
    if (place >= 0) this._hear(place, false);
  }

  /** Show a turn and, if it is to be heard, let it sound once it is there. */
  _hear(place, aloud = true) {
    this._hush();
    const { state } = this;
    if (state.get("turn").place === place && state.get("selected") === place) {
      if (aloud) this.sound();
      return;
    }
    this.awaited = aloud ? place : null;
    state.select(place);
  }

  /** Stop what sounds, and what would sound later. */
  _hush() {
    this.awaited = null;
    this.player.stop();
    this.silent(null);
  }

  /** Listen to the turn, or stop. */
  sound() {
    this.awaited = null;
    const turn = this.state.get("turn");
    if (this.player.playing) {
      this.player.stop();
      return this.silent(null);
    }
    if (!turn.sound) return undefined;
    this.listen.textContent = "■ Stop";
    this.player.play(turn.from);
    const follow = () => {
      this.picture.sounds(this.player.position());
      if (this.player.playing) this.frame = this.view.requestAnimationFrame(follow);
    };
    return follow();
  }

  silent(problem) {
    this.listen.textContent = "▶ Listen";
    this.picture.sounds(null);
    if (problem) this.problem.replaceChildren(node(this.doc, "p", { class: "tu-bad", role: "alert" }, problem));
  }

  async _copy() {
    const text = this.yaml.textContent;
    try {
      await this.view.navigator.clipboard.writeText(text);
      this.copied.textContent = "Copied.";
    } catch {
      this.view.getSelection().selectAllChildren(this.yaml);
      this.copied.textContent = "The browser keeps the clipboard: the text is selected, press Ctrl+C.";
    }
  }

  _key(event) {
    const typing = event.target.closest?.("button, input, pre, [role=button]");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = { n: () => this._step(1), p: () => this._step(-1), c: () => this._stepChanged(1) };
    if (event.key === " " && !typing) acts[" "] = () => this.sound();
    const act = acts[event.key];
    event.stopPropagation(); // a notebook has keys of its own
    if (!act) return;
    event.preventDefault();
    act();
  }
}
