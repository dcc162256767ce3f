/** What a page of a listening test holds: who are you, a trial, thanks. */

import { keysTold } from "./listening_state.js";
import { node } from "./tuner_dom.js";

const WHAT = {
  preference: "You hear two sounds, A and B, and say which sounds better to you.",
  abx: "You hear A, B and X. X is the same as A or the same as B: say which.",
  mos: "You hear one sound at a time and rate it on a scale of five.",
  mushra: "You hear a reference and several sounds, and rate each from 0 to 100. One of them is the reference itself: rate it 100.",
};
let groups = 0; // of radio buttons in this document
const HOW = [
  "Listen by headphones in a quiet place. Set the volume in the first trials, then leave it.",
  "Listen as often as you like. There are no wrong answers where you are asked what you prefer.",
  "Each answer is kept at once. You may close this page and go on later with the same name.",
];

function keyList(doc, method, ties) {
  const items = keysTold(method, ties).flatMap(([key, does]) => [node(doc, "dt", {}, node(doc, "kbd", {}, key)), node(doc, "dd", {}, does)]);
  return node(doc, "dl", { class: "lt-keys", "aria-label": "Keys" }, ...items);
}

/** The first page: what will be done, and under which name. */
export function namePage(doc, page, begin) {
  const input = node(doc, "input", { type: "text", maxlength: page.name_max, autocomplete: "off", spellcheck: "false" });
  const form = node(doc, "form", { class: "lt-form", onsubmit: (event) => { event.preventDefault(); begin(input.value, false); } },
    node(doc, "label", {}, "Name ", input), node(doc, "button", { type: "submit", class: "lt-main" }, "Begin"),
    node(doc, "p", { class: "lt-faint" }, "Any name you like. It is kept with your answers, and nothing else about you."));
  const root = node(doc, "section", { "aria-label": "Listening test" },
    node(doc, "h2", {}, "Listening test"), node(doc, "p", {}, `${WHAT[page.method]} There are ${page.trials} trials.`),
    node(doc, "ul", {}, ...HOW.map((line) => node(doc, "li", {}, line))), form, keyList(doc, page.method));
  return { root, focus: input };
}

/** Somebody of that name was here. */
export function knownPage(doc, page, begin, other) {
  const on = node(doc, "button", { type: "button", class: "lt-main", onclick: () => begin(page.listener, true) }, "Go on");
  const root = node(doc, "section", {}, node(doc, "h2", {}, `Is it you, ${page.listener}?`),
    node(doc, "p", {}, "Somebody of that name has begun this test. If that was you, go on where you were; if not, choose another name."),
    node(doc, "div", { class: "lt-row" }, on, node(doc, "button", { type: "button", onclick: other }, "Choose another name")));
  return { root, focus: on };
}

/** All is answered. */
export function donePage(doc, page) {
  const title = node(doc, "h2", { tabindex: -1 }, `Thank you, ${page.listener}.`);
  return { root: node(doc, "section", {}, title, node(doc, "p", {}, `All ${page.total} answers are kept. You may close this page.`)), focus: title };
}

/** A trial: buttons to play, answers or sliders; `acts` has play, choose, rate, confirm. */
export class TrialPage {
  constructor(doc, page, told, acts) {
    this.doc = doc;
    this.page = page;
    this.status = node(doc, "p", { role: "status", class: "lt-status" });
    this.title = node(doc, "h2", { tabindex: -1, class: "lt-question" }, page.question);
    this.clock = node(doc, "span", { class: "lt-at", "aria-hidden": true });
    this.plays = page.labels.map((label, which) => this._player(label, which, acts));
    this.answers = page.method === "mushra" ? this._sliders(acts) : this._choices(acts);
    this.next = node(doc, "button", { type: "button", class: "lt-main", onclick: acts.confirm }, "Keep and go on");
    const done = page.practice ? page.trial : page.trial - page.practices;
    const total = page.practice || page.total - page.practices;
    const players = page.method === "mushra" ? [this.plays[0]] : this.plays;
    this.root = node(doc, "section", { class: `lt-trial ${page.method}` },
      node(doc, "div", { class: "lt-top" }, node(doc, "span", {}, told), node(doc, "progress", { max: total, value: done, "aria-label": "Trials answered" })),
      this.title, node(doc, "div", { class: "lt-players", role: "group", "aria-label": "Sounds" }, ...players, this.clock), this.answers,
      node(doc, "div", { class: "lt-row" }, this.next, this.status),
      node(doc, "details", {}, node(doc, "summary", {}, "Keys"), keyList(doc, page.method, page.choices.some(([value]) => value === "tie"))));
  }

  /** Show what sounds and what was heard. */
  show(state, player) {
    for (const [which, button] of this.plays.entries()) {
      const sounds = player.playing && player.which === which;
      button.setAttribute("aria-pressed", String(sounds));
      button.classList.toggle("heard", state.plays[which] > 0);
      button.firstChild.textContent = sounds ? "❚❚" : "▶";
      button.disabled = !player.ready;
    }
    for (const radio of this.answers.querySelectorAll("input[type=radio]")) radio.checked = String(state.chosen) === radio.value;
    for (const [row, score] of state.scores.entries()) {
      this.rows[row].classList.toggle("selected", state.selected === row + 1);
      this.outputs[row].textContent = score === null ? "–" : String(score);
    }
    this.next.setAttribute("aria-disabled", String(state.lacking() !== ""));
  }

  /** Show where in the sound it is. */
  time(player) {
    this.clock.textContent = player.clock();
  }

  _player(label, which, acts) {
    return node(this.doc, "button", { type: "button", class: "lt-play", "aria-pressed": "false", "aria-label": `Play ${label}`, onclick: () => acts.play(which) },
      node(this.doc, "span", { class: "lt-icon", "aria-hidden": true }, "▶"), label);
  }

  _choices(acts) {
    groups += 1;
    const name = `lt-answer-${groups}`;
    const options = this.page.choices.map(([value, words]) => {
      const text = this.page.method === "mos" ? `${value}  ${words}` : words;
      return node(this.doc, "label", { class: "lt-choice" },
        node(this.doc, "input", { type: "radio", name, value: String(value), onchange: () => acts.choose(value) }), text);
    });
    return node(this.doc, "fieldset", { class: "lt-choices" }, node(this.doc, "legend", { class: "lt-hidden" }, this.page.question), ...options);
  }

  _sliders(acts) {
    const { doc } = this;
    this.outputs = this.plays.slice(1).map(() => node(doc, "output", {}, "–"));
    this.sliders = this.plays.slice(1).map((_, row) => node(doc, "input", {
      type: "range", min: 0, max: 100, step: 1, value: 50, "aria-label": `Score of ${this.page.labels[row + 1]}`, "aria-valuetext": "not rated",
      oninput: (event) => acts.rate(row, Number(event.target.value)),
    }));
    this.rows = this.plays.slice(1).map((button, row) => node(doc, "div", { class: "lt-slider" }, button, this.sliders[row], this.outputs[row]));
    const bands = [...this.page.bands].reverse().map((name) => node(doc, "span", {}, name));
    return node(doc, "div", { class: "lt-sliders", role: "group", "aria-label": "Scores from 0 to 100" },
      node(doc, "div", { class: "lt-slider" }, node(doc, "span"), node(doc, "div", { class: "lt-bands" }, ...bands), node(doc, "span")), ...this.rows);
  }
}
