/** The tuner's lists: the sliders, the figures, the turns that change, the live turns. */

import { node } from "./tuner_dom.js";
import { FATES, figureText, milliseconds, onStep, settingText } from "./tuner_math.js";
import { figureRows } from "./tuner_plots.js";

/** Turns listed at once. */
export const LISTED = 40;
/** Cells of the strip. */
const STRIP_MAX = 2000;
const SIGNS = { wrong: "✕", cut: "✂", mended: "⌒", righted: "✓", slower: "▼", faster: "▲" };

/** A slider for each setting. @returns {{root: HTMLElement, show: (settings: Object) => void}} */
export function slidersOf(doc, sliders, move) {
  const shows = [];
  const rows = sliders.map((slider) => {
    const id = `tu-${slider.name}-${Math.random().toString(36).slice(2, 8)}`;
    if (slider.step === undefined) {
      const box = node(doc, "input", { type: "checkbox", id, "data-setting": slider.name, onchange: () => move(slider.name, box.checked) });
      shows.push((settings) => { box.checked = settings[slider.name]; });
      return node(doc, "div", { class: "tu-slider" }, node(doc, "label", { for: id }, slider.label), box);
    }
    const output = node(doc, "output", { for: id });
    const range = node(doc, "input", {
      type: "range", id, min: slider.least, max: slider.most, step: slider.step, "data-setting": slider.name,
      oninput: () => move(slider.name, onStep(Number(range.value), slider)),
    });
    shows.push((settings) => {
      const value = settings[slider.name];
      range.value = value;
      output.textContent = settingText(slider, value);
      range.setAttribute("aria-valuetext", output.textContent);
    });
    return node(doc, "div", { class: "tu-slider" }, node(doc, "label", { for: id }, slider.label), range, output);
  });
  const show = (settings) => { for (const one of shows) one(settings); };
  return { root: node(doc, "div", { class: "tu-sliders", role: "group", "aria-label": "Settings" }, ...rows), show };
}

/** The table of figures. */
export function figuresTable(doc, info, outcome) {
  const head = ["", "as recorded", "now", "95 % interval", "change"].map((text) => node(doc, "th", { scope: "col" }, text));
  const rows = figureRows(info.figures, outcome, info.sessions)
    .filter((row) => row.name !== "cost" || info.price > 0)
    .map((row) => node(doc, "tr", { "data-figure": row.name },
      node(doc, "th", { scope: "row" }, row.label), node(doc, "td", {}, row.recorded), node(doc, "td", { class: "tu-value" }, row.now),
      node(doc, "td", { class: "tu-faint" }, row.interval), node(doc, "td", {}, row.change)));
  return node(doc, "table", { class: "tu-figures" }, node(doc, "thead", {}, node(doc, "tr", {}, ...head)), node(doc, "tbody", {}, ...rows));
}

/** What all turns come to in a line: it is seen while a threshold on the picture is moved. */
export function summaryOf(doc, { places, fates }, { recorded, now }) {
  const figure = (label, name) => {
    const [was, is] = [recorded, now].map((one) => figureText(name, one[name][0]));
    const told = was === is ? [node(doc, "b", {}, is)] : [`${was} → `, node(doc, "b", {}, is)];
    return node(doc, "span", {}, `${label} `, ...told);
  };
  return [
    node(doc, "span", {}, `${fates.length === 1 ? "The turn" : `All ${fates.length} turns`}:`), figure("median response", "response_median"),
    figure("cut off", "cut"), figure("wrong reply", "wrong"), node(doc, "span", {}, node(doc, "b", {}, String(places.length)), places.length === 1 ? " turn changes" : " turns change"),
  ];
}

/** A cell for each turn, in its order: coloured and signed by what becomes of it. */
export class TurnStrip {
  constructor(doc, turns, select) {
    this.turns = turns.slice(0, STRIP_MAX);
    this.fates = this.turns.map(() => null);
    this.cells = this.turns.map((_, place) => node(doc, "button", { type: "button", tabindex: -1, "aria-hidden": true, onclick: () => select(place) }));
    this.root = node(doc, "div", { class: "tu-strip" }, ...this.cells);
  }

  /** Show what has changed: a thousand cells are not made anew while a threshold moves. */
  show(fates, selected) {
    for (const [place, cell] of this.cells.entries()) {
      if (this.fates[place] === fates[place]) continue;
      const fate = this.fates[place] = fates[place];
      const { session, turn, text } = this.turns[place];
      cell.setAttribute("class", `tu-cell ${fate}`);
      cell.setAttribute("title", `${session} ${turn}: ${text}${fate ? `; ${FATES[fate]}` : ""}`);
      cell.textContent = fate ? SIGNS[fate] : "";
    }
    this.cells[this.selected]?.setAttribute("aria-current", "false");
    this.cells[selected]?.setAttribute("aria-current", "true");
    this.selected = selected;
  }
}

/** The turns that change, as buttons that show and sound them. */
export function changedList(doc, state, selected, listen) {
  const { places, fates, info, before, now } = state;
  const many = places.length > LISTED ? ` The first ${LISTED} are listed.` : "";
  const told = places.length ? `${places.length} of ${fates.length} turns change.${many} Choose one to see and hear it.` : `No turn changes, of ${fates.length}.`;
  const items = places.slice(0, LISTED).map((place) => {
    const { session, turn, text } = info.turns[place];
    const times = Number.isFinite(now.response[place]) ? `${milliseconds(before.response[place])} → ${milliseconds(now.response[place])}` : "";
    const words = [
      node(doc, "span", { class: `tu-sign ${fates[place]}`, "aria-hidden": true }, SIGNS[fates[place]]),
      node(doc, "span", { class: "tu-turn" }, `${session} ${turn}`), node(doc, "span", { class: "tu-text" }, text || "(no words)"),
      node(doc, "span", { class: "tu-faint" }, FATES[fates[place]]), node(doc, "span", { class: "tu-times" }, times),
    ];
    return node(doc, "li", {}, node(doc, "button", { "aria-current": place === selected, "data-turn": place, onclick: () => listen(place) }, ...words));
  });
  return node(doc, "div", {}, node(doc, "p", { class: "tu-count", role: "status" }, told), node(doc, "ol", { class: "tu-changed" }, ...items));
}

const LIVE = {
  asked: "Asked the session to go on under these settings …",
  unanswered: "The session has not answered yet. If it is reconnecting, it gets the settings when it is back; if its page is closed, press Talk and apply again.",
  refused: "The session goes on under the settings it had.",
  applied: "The session goes by the settings applied. Turns that begin from now on are compared with the prediction.",
  replaced: "Other settings were applied to the session since. The turns until then stay compared with the prediction.",
  over: "The session is over.",
  lost: "The session is over or out of reach: its events don't come any more. Talk anew and apply again.",
  missed: "The session ended before the settings counted.",
};
const VERDICTS = { inside: "✓", outside: "✕", open: "…" };

/** The live session beside the prediction. */
export function liveTable(doc, live) {
  const alarm = live.problem ? node(doc, "p", { class: "tu-bad", role: "alert" }, live.problem) : null;
  if (!live.possible) return alarm ?? node(doc, "p", { class: "tu-faint" }, "No live session was given: make the tuner with live=panel, or live=session.");
  if (!live.state) return alarm ?? node(doc, "p", { class: "tu-faint" }, "Apply the settings, go on talking, and each turn is compared with what was predicted.");
  const state = node(doc, "p", { role: "status" }, LIVE[live.state]);
  if (["asked", "unanswered", "refused", "missed"].includes(live.state)) return node(doc, "div", {}, state, alarm);
  const { kind, text } = live.verdict;
  const verdict = node(doc, "p", { class: `tu-verdict ${kind}`, role: "status" }, node(doc, "span", { "aria-hidden": true }, `${VERDICTS[kind]} `), text);
  return node(doc, "div", {}, state, alarm, verdict, comparedTable(doc, live));
}

function comparedTable(doc, { predicted, measured, turns }) {
  const [median, low, high] = predicted.response_median;
  const interval = low === null ? "" : ` (${milliseconds(low)} to ${milliseconds(high)})`;
  const range = predicted.range.map(milliseconds).join(" to ");
  const expected = `${Math.round(100 * predicted.share)} % expected within`;
  const head = ["", "predicted", "live"].map((text) => node(doc, "th", { scope: "col" }, text));
  const row = (label, ...cells) => node(doc, "tr", {}, node(doc, "th", { scope: "row" }, label), ...cells.map((cell) => node(doc, "td", {}, cell)));
  return node(doc, "table", { class: "tu-figures tu-live" }, node(doc, "thead", {}, node(doc, "tr", {}, ...head)), node(doc, "tbody", {},
    row("median response time", `${milliseconds(median)}${interval}`, milliseconds(measured.response_median)),
    row(`range, ${expected}`, range, measured.answered ? `${measured.within} of ${measured.answered} within` : "–"),
    row("turns cut off", figureText("cut", predicted.cut), figureText("cut", measured.cut)),
    row("early replies used a turn", figureText("commits", predicted.commits), figureText("commits", measured.commits)),
    ...turns.map((turn) => {
      const within = turn.within === null ? "" : turn.within ? " ✓ within" : " ✕ outside";
      const notes = [turn.early ? "early reply" : "", turn.cut ? "cut off" : ""].filter(Boolean).join(", ");
      return row(`turn ${turn.turn}`, "", `${milliseconds(turn.response)}${within}${notes ? `; ${notes}` : ""}`);
    })));
}
