/** The SSML lab in a page: the text, what is found in it, and the voices beside each other. */

import { LabState, positionOf, summaryOf } from "./ssml_state.js";
import { findingsList, lossMatrix, obedienceTable, stateTold, targetDetails } from "./ssml_view.js";
import { themeOf } from "./timeline_colour.js";
import { node } from "./tuner_dom.js";

const KIND_NAMES = { ssml: "SSML or plain text", shorthand: "shorthand (SpeechMarkdown)" };

export class LabPanel {
  /** @param {HTMLElement} el @param {object} model */
  constructor(el, model) {
    this.doc = el.ownerDocument;
    this.view = this.doc.defaultView;
    this.id = Math.random().toString(36).slice(2, 8);
    this.target = "kokoro";
    this.cards = new Map(); // voice: {root, audio, revision, ...}
    this.state = new LabState(model, (what) => this.show(what));
    this._build();
    el.replaceChildren(this.root);
    this._theme = () => { this.root.dataset.theme = themeOf(this.doc); };
    this._theme();
    this.themes = new this.view.MutationObserver(this._theme);
    this.themes.observe(this.doc.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    this.scheme = this.view.matchMedia?.("(prefers-color-scheme: dark)");
    this.scheme?.addEventListener("change", this._theme);
    for (const what of ["replaced", "found", "sound"]) this.show(what);
  }

  /** Draw what `what` tells of. */
  show(what) {
    if (what === "replaced") this._fill();
    if (what === "found") this._found();
    if (["spoken", "sound", "replaced"].includes(what)) this._voices();
    this._fresh();
  }

  close() {
    this.state.close();
    this.themes.disconnect();
    this.scheme?.removeEventListener("change", this._theme);
    for (const card of this.cards.values()) this._empty(card);
  }

  // --- what is there

  _build() {
    const { doc, state } = this;
    const part = (title, ...children) => node(doc, "section", {}, node(doc, "h3", {}, title), ...children);
    this.area = node(doc, "textarea", {
      id: `sl-${this.id}`, rows: 7, spellcheck: "false", "aria-describedby": `sl-sum-${this.id}`,
      oninput: () => state.take({ text: this.area.value }),
    });
    this.kinds = Object.entries(KIND_NAMES).map(([kind, name]) => {
      const box = node(doc, "input", { type: "radio", name: `sl-kind-${this.id}`, value: kind, onchange: () => state.take({ kind }) });
      return { kind, box, root: node(doc, "label", {}, box, ` ${name}`) };
    });
    this.speak = node(doc, "input", { type: "checkbox", onchange: () => state.take({ speak: this.speak.checked }) });
    this.summary = node(doc, "p", { class: "sl-summary", id: `sl-sum-${this.id}`, role: "status", "aria-live": "polite" });
    this.problem = node(doc, "p", { class: "sl-bad", role: "alert" });
    [this.findings, this.matrix, this.details, this.players] = ["", "", "", "sl-players"].map((name) => node(doc, "div", { class: name }));
    this.boxes = state.get("info").voices.map((voice) => this._voiceBox(voice));
    const few = this.boxes.filter(({ voice }) => voice.engine !== "espeak" || state.draft.voices.includes(voice.id));
    const many = this.boxes.filter((one) => !few.includes(one));
    const robotic = many.length ? node(doc, "details", {}, node(doc, "summary", {}, `${many.length} robotic voices of espeak-ng`), node(doc, "div", { class: "sl-boxes" }, ...many.map(({ root }) => root))) : null;
    this.root = node(doc, "div", { class: "sl", onkeydown: (event) => event.stopPropagation() },
      node(doc, "div", { class: "sl-bar", role: "radiogroup", "aria-label": "How the text is read" }, ...this.kinds.map(({ root }) => root),
        node(doc, "span", { class: "sl-gap" }), node(doc, "label", {}, this.speak, " say it as I type")),
      node(doc, "label", { class: "sl-label", for: `sl-${this.id}` }, "Text"), this.area, this.summary, this.problem, this.findings,
      part("Heard", node(doc, "fieldset", {}, node(doc, "legend", {}, `Voices (at most ${state.get("info").voices_max})`), node(doc, "div", { class: "sl-boxes" }, ...few.map(({ root }) => root)), robotic), this.players),
      part("What each target does with it", this.matrix, this.details));
  }

  _voiceBox(voice) {
    const box = node(this.doc, "input", { type: "checkbox", "data-voice": voice.id, onchange: () => this._choose() });
    const told = node(this.doc, "span", { class: "sl-faint" }, voice.note || voice.language);
    return { voice, box, root: node(this.doc, "label", {}, box, ` ${voice.id} `, told) };
  }

  _choose() {
    const chosen = this.boxes.filter(({ box }) => box.checked).map(({ voice }) => voice.id);
    this.state.take({ voices: chosen });
    this._limit();
    this._voices();
  }

  _limit() {
    const full = this.state.draft.voices.length >= this.state.get("info").voices_max;
    for (const { box } of this.boxes) box.disabled = full && !box.checked;
  }

  // --- what is shown

  _fill() {
    const { draft } = this.state;
    if (this.area.value !== draft.text) this.area.value = draft.text;
    for (const { kind, box } of this.kinds) box.checked = kind === draft.kind;
    this.speak.checked = draft.speak;
    for (const { voice, box } of this.boxes) box.checked = draft.voices.includes(voice.id);
    this._limit();
  }

  _found() {
    const found = this.state.get("found");
    this.findings.replaceChildren(findingsList(this.doc, found, (place) => this._go(place)));
    if (found.read === false) return this._details(); // losses of the last text that could be read stay
    const focused = this.doc.activeElement?.dataset?.target;
    this.matrix.replaceChildren(lossMatrix(this.doc, found, this.target, (name) => this._target(name)));
    if (focused) this.matrix.querySelector?.(`[data-target="${focused}"]`)?.focus();
    return this._details();
  }

  _details() {
    const target = (this.state.get("found").targets ?? {})[this.target];
    if (target) this.details.replaceChildren(targetDetails(this.doc, target, (place) => this._go(place)));
  }

  _target(name) {
    this.target = name;
    this._found();
    this.matrix.querySelector?.(`[data-target="${name}"]`)?.focus();
  }

  /** Say whether what is shown is of the text as it stands, and what stands in the way. */
  _fresh() {
    const { state } = this;
    const found = state.get("found");
    const problem = state.problem || (state.current ? found.problem : "") || "";
    if (this.problem.textContent !== problem) this.problem.textContent = problem;
    const told = state.problem ? "Not looked at." : state.current ? summaryOf(found) : "Reading …";
    if (this.summary.textContent !== told) this.summary.textContent = told;
    this.area.setAttribute("aria-invalid", String(Boolean(state.problem) || (state.current && found.read === false)));
    this.root.dataset.fresh = String(state.current && found.read !== false);
  }

  _voices() {
    const { state } = this;
    const wanted = state.draft.voices;
    for (const [voice, card] of this.cards) {
      if (wanted.includes(voice)) continue;
      this._empty(card);
      this.cards.delete(voice);
    }
    for (const voice of wanted) {
      if (!this.cards.has(voice)) this.cards.set(voice, this._card(voice));
      this._draw(voice, this.cards.get(voice));
    }
    const roots = wanted.map((voice) => this.cards.get(voice).root);
    const shown = [...this.players.children];
    if (roots.length !== shown.length || roots.some((root, place) => root !== shown[place])) this.players.replaceChildren(...roots);
  }

  _card(voice) {
    const { doc } = this;
    const audio = node(doc, "audio", { controls: true, preload: "auto", "aria-label": `${voice} says the text` });
    const [status, rows] = [node(doc, "p", { class: "sl-state", role: "status" }), node(doc, "div")];
    const root = node(doc, "article", { class: "sl-card", "data-voice": voice, "aria-label": voice }, node(doc, "h4", {}, voice), audio, status, rows);
    return { root, audio, status, rows, revision: null, url: "" };
  }

  _draw(voice, card) {
    const told = this.state.get("spoken")[voice];
    const words = stateTold(told);
    if (card.status.textContent !== words) card.status.textContent = words;
    card.root.dataset.state = told?.state ?? "";
    card.rows.replaceChildren(obedienceTable(this.doc, voice, told ?? {}, (place) => this._go(place)));
    const sound = this.state.sounds.get(voice);
    if (told && sound && sound.revision === told.revision && card.revision !== sound.revision) {
      this._empty(card);
      card.url = URL.createObjectURL(new Blob([sound.wav], { type: "audio/wav" }));
      card.audio.src = card.url;
      card.revision = sound.revision;
    } else if (card.revision !== null && told?.revision !== card.revision) {
      this._empty(card); // what sounds is of another text
    }
  }

  _empty(card) {
    if (!card.url) return;
    card.audio.pause?.();
    card.audio.removeAttribute("src");
    card.audio.load?.(); // else the player keeps what it has, of another text
    URL.revokeObjectURL(card.url);
    card.url = "";
    card.revision = null;
  }

  /** Put the cursor where something stands. */
  _go(place) {
    const at = positionOf(this.area.value, place);
    this.area.focus();
    this.area.setSelectionRange(at, at);
  }
}
