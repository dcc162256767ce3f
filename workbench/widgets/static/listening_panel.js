/** A listening test in a page: shows what the kernel asks, plays what it sends, and tells it the answers. */

import { floatsOf, SwitchPlayer } from "./listening_player.js";
import { keepsPosition, keyMeaning, placeTold, TrialState } from "./listening_state.js";
import { donePage, knownPage, namePage, TrialPage } from "./listening_view.js";
import { themeOf } from "./timeline_colour.js";
import { node } from "./tuner_dom.js";

export class ListeningPanel {
  /** @param {HTMLElement} el @param {object} model */
  constructor(el, model, { makeContext, now = () => performance.now() } = {}) {
    Object.assign(this, { model, now });
    this.doc = el.ownerDocument;
    this.view = this.doc.defaultView;
    this.player = new SwitchPlayer({ on: () => this._sounding(), ...(makeContext ? { makeContext } : {}) });
    this.problem = node(this.doc, "p", { class: "lt-bad", role: "alert" });
    this.body = node(this.doc, "div");
    this.root = node(this.doc, "div", { class: "lt", "data-lm-suppress-shortcuts": "true", onkeydown: (event) => this._key(event) }, this.body, this.problem);
    el.replaceChildren(this.root);
    this._theme = () => { this.root.dataset.theme = themeOf(this.doc); };
    this._theme();
    this.themes = new this.view.MutationObserver(this._theme);
    this.themes.observe(this.doc.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    this._changed = () => this.show();
    this._message = (content, buffers) => this._brought(content, buffers);
    model.on("change:page", this._changed);
    model.on("msg:custom", this._message);
    this.show(false);
  }

  /** Show what the kernel says; the focus goes there unless the page has just come up. */
  show(focus = true) {
    const page = this.model.get("page");
    const key = JSON.stringify({ ...page, problem: "", revision: 0 });
    this.problem.textContent = page.problem ?? "";
    this.waiting = false;
    if (key === this.shown) {
      if (this.state) this._hint("");
      return;
    }
    this.shown = key;
    this.player.load([], 1);
    this.trial = this.state = null;
    const begin = (name, known) => this.model.send({ kind: "begin", name, known });
    let made;
    if (page.phase === "trial") made = this._trial(page);
    else if (page.phase === "done") made = donePage(this.doc, page);
    else if (page.phase === "known") made = knownPage(this.doc, page, begin, () => this._nameAgain(begin));
    else made = namePage(this.doc, page, begin);
    this.body.replaceChildren(made.root);
    if (focus) made.focus.focus();
  }

  close() {
    this.player.close();
    this.view.cancelAnimationFrame(this.frame);
    this.themes.disconnect();
    this.model.off("change:page", this._changed);
    this.model.off("msg:custom", this._message);
  }

  // --- a trial

  _trial(page) {
    this.state = new TrialState(page, this.now());
    this.trial = new TrialPage(this.doc, page, placeTold(page), {
      play: (which) => this.play(which), choose: (value) => this.choose(value), rate: (row, score) => this.rate(row, score), confirm: () => this.confirm(),
    });
    this.trial.show(this.state, this.player);
    this.trial.status.textContent = "The sounds are on their way …";
    this.model.send({ kind: "sounds", trial: page.trial });
    return { root: this.trial.root, focus: this.trial.title };
  }

  _brought(content, buffers) {
    if (content.kind !== "sounds" || content.trial !== this.state?.trial.trial || this.player.ready) return;
    const sounds = buffers.map((buffer) => floatsOf(new Int16Array(buffer.buffer ? buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) : buffer)));
    this.player.load(sounds, content.rate);
    this.state.begun = this.now();
    this.trial.status.textContent = "";
    this._sounding();
  }

  /** Play a sound; the same again pauses it, another takes over. */
  play(which) {
    const { player, state } = this;
    if (!player.ready) return;
    if (player.playing && player.which === which) {
      player.pause();
      return;
    }
    const same = player.which === which;
    state.played(which);
    if (keepsPosition(state.trial.method)) player.switchTo(which);
    else player.play(which, same ? player.position() : 0);
    if (state.trial.method === "mushra" && which) this.trial.sliders[which - 1].focus();
  }

  choose(value) {
    this.state.choose(value);
    this._hint("");
  }

  rate(row, score) {
    this.state.rate(row, score);
    const slider = this.trial.sliders[row];
    slider.value = this.state.scores[row];
    slider.setAttribute("aria-valuetext", String(this.state.scores[row]));
    this._hint("");
  }

  /** Keep the answer, or say what is still lacking. */
  confirm() {
    if (this.waiting) return;
    const lacking = this.state.lacking();
    this._hint(lacking);
    if (lacking) return;
    this.waiting = true;
    this.player.stop();
    this._hint("Keeping the answer …");
    this.model.send(this.state.answer(this.now()));
  }

  _hint(text) {
    this.trial.status.textContent = text;
    this.trial.show(this.state, this.player);
  }

  /** Something began or ended to sound. */
  _sounding() {
    if (!this.trial) return;
    this.trial.show(this.state, this.player);
    this.view.cancelAnimationFrame(this.frame);
    const follow = () => {
      if (!this.trial) return;
      this.trial.time(this.player);
      if (this.player.playing) this.frame = this.view.requestAnimationFrame(follow);
    };
    follow();
  }

  /** Play the sound so many below; at the end of the list what sounds goes on. */
  _step(step) {
    const which = this.state.below(step);
    if (!this.player.playing || which !== this.player.which) this.play(which);
  }

  // --- the rest

  _nameAgain(begin) {
    const made = namePage(this.doc, this.model.get("page"), begin);
    this.shown = null;
    this.body.replaceChildren(made.root);
    made.focus.focus();
  }

  _key(event) {
    event.stopPropagation(); // a notebook has keys of its own
    if (!this.state || event.ctrlKey || event.metaKey || event.altKey) return;
    const own = event.target.closest?.("button, summary, input[type=radio]");
    if (own && (event.key === " " || event.key === "Enter")) return;
    if (own?.type === "radio" && event.key.startsWith("Arrow")) return;
    const meaning = keyMeaning(event.key, this.state.trial);
    if (!meaning) return;
    event.preventDefault();
    if ("play" in meaning) this.play(meaning.play);
    else if ("step" in meaning) this._step(meaning.step);
    else if ("choose" in meaning) this.choose(meaning.choose);
    else if (meaning.act === "toggle") this.play(this.player.playing ? this.player.which : this.state.selected);
    else this.confirm();
  }
}
