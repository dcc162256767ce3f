/** The SSML lab's lists and tables: what is wrong, what each target loses, what a voice did. */

import { counted } from "./ssml_state.js";
import { node } from "./tuner_dom.js";

/** Sign and words of each level: told apart without colour. */
export const LEVELS = { honoured: ["✓", "yes"], degraded: ["◐", "partly"], dropped: ["✕", "no"] };
const STATES = { waiting: "Waiting …", speaking: "Speaking …", measuring: "Measuring …", measured: "", failed: "" };
const WHAT = { rate: "rate", pitch: "pitch", volume: "volume", break: "pause", emphasis: "emphasis" };

/** A button that leads to a place in the text. */
function placeButton(doc, place, go) {
  if (!place) return node(doc, "span", { class: "sl-place" }, "whole text");
  return node(doc, "button", { type: "button", class: "sl-place", onclick: () => go(place) }, `line ${place[0]}, column ${place[1]}`);
}

/** What is wrong or could be better, each with its place and what to write instead. */
export function findingsList(doc, found, go) {
  const items = (found.findings ?? []).map((one) => node(doc, "li", { class: one.wrong ? "wrong" : "advice" },
    node(doc, "span", { class: "sl-sign", "aria-hidden": true }, one.wrong ? "✕" : "△"),
    node(doc, "span", { class: "sl-kind" }, one.wrong ? "mistake" : "advice"),
    placeButton(doc, one.place, go),
    node(doc, "span", {}, `${one.problem}: `, node(doc, "b", {}, one.advice))));
  const more = found.more ? node(doc, "p", { class: "sl-faint" }, `and ${found.more} more`) : null;
  return node(doc, "div", {}, node(doc, "ol", { class: "sl-findings" }, ...items), more);
}

/** Elements used against targets. */
export function lossMatrix(doc, found, chosen, choose) {
  const targets = Object.entries(found.targets ?? {});
  if (!targets.length) return node(doc, "p", { class: "sl-faint" }, "What each target loses stands here once the text can be read.");
  const heads = targets.map(([name, { refused }]) => node(doc, "th", { scope: "col" },
    node(doc, "button", { type: "button", "aria-pressed": name === chosen ? "true" : "false", "data-target": name, onclick: () => choose(name) },
      name, refused.length ? node(doc, "span", { class: "sl-refuses", title: "refuses it as it stands" }, " !") : null)));
  const rows = found.features.map((feature) => node(doc, "tr", {}, node(doc, "th", { scope: "row" }, feature),
    ...targets.map(([name, { levels }]) => {
      const level = levels[feature];
      const [sign, words] = LEVELS[level] ?? ["–", ""];
      return node(doc, "td", { class: level, "data-level": level, "data-of": name }, node(doc, "span", { "aria-hidden": true }, sign), ` ${words}`);
    })));
  if (!rows.length) rows.push(node(doc, "tr", {}, node(doc, "td", { colspan: targets.length + 1, class: "sl-all" }, "Every target does all of it.")));
  const table = node(doc, "table", { class: "sl-matrix", "aria-label": "What each target does with each element" },
    node(doc, "thead", {}, node(doc, "tr", {}, node(doc, "th", { scope: "col" }, "element"), ...heads)), node(doc, "tbody", {}, ...rows));
  return node(doc, "div", {}, node(doc, "div", { class: "sl-wide" }, table),
    node(doc, "p", { class: "sl-faint" }, "✓ yes: as asked   ◐ partly: otherwise than asked   ✕ no: left out, its text kept   – not asked of it   ! refuses the text as it stands. Choose a target to see why."));
}

/** What one target loses, why, and the text it is sent. */
export function targetDetails(doc, target, go) {
  const { title, losses, more, refused, sent } = target;
  const lost = losses.map((one) => node(doc, "li", {}, node(doc, "span", { class: `sl-sign ${one.level}`, "aria-hidden": true }, LEVELS[one.level][0]),
    node(doc, "span", { class: "sl-kind" }, `${one.feature} ${one.level}`), placeButton(doc, one.place, go), node(doc, "span", {}, `${one.why}; ${one.instead}`)));
  const refusing = refused.map((one) => node(doc, "li", {}, node(doc, "span", { class: "sl-sign dropped", "aria-hidden": true }, "!"),
    node(doc, "span", { class: "sl-kind" }, "refused"), placeButton(doc, one.place, go), node(doc, "span", {}, `${one.problem}: ${one.advice}`)));
  return node(doc, "div", {},
    node(doc, "p", {}, node(doc, "b", {}, title), lost.length ? ` loses ${counted(lost.length + more, "thing")}.` : " loses nothing."),
    node(doc, "ol", { class: "sl-findings" }, ...refusing, ...lost), more ? node(doc, "p", { class: "sl-faint" }, `and ${more} more`) : null,
    node(doc, "p", { class: "sl-faint" }, "It is sent:"), node(doc, "pre", { class: "sl-sent", tabindex: 0, "aria-label": `Text for ${title}` }, sent));
}

/** What was asked of a voice and what it did. */
export function obedienceTable(doc, voice, told, go) {
  const rows = told.rows ?? [];
  if (!rows.length) {
    return node(doc, "p", { class: "sl-faint" }, told.state === "measured" ? "Nothing is asked that is measured: rate, pitch, volume, breaks, emphasis." : "");
  }
  const head = ["", "asked", "measured", "done"].map((text) => node(doc, "th", { scope: "col" }, text));
  const body = rows.map(({ what, place, asked, measured, done }) => node(doc, "tr", { "data-what": what },
    node(doc, "th", { scope: "row" }, `${WHAT[what]} `, place ? node(doc, "button", { type: "button", class: "sl-place", "aria-label": `${WHAT[what]} in line ${place[0]}`, onclick: () => go(place) }, `line ${place[0]}`) : null),
    node(doc, "td", {}, asked), node(doc, "td", { class: "sl-value" }, measured),
    node(doc, "td", { class: done === null ? "" : done ? "honoured" : "dropped" }, done === null ? "–" : done ? "✓ yes" : "✕ no")));
  return node(doc, "table", { class: "sl-obeyed" }, node(doc, "caption", {}, `${voice}: asked and measured`), node(doc, "thead", {}, node(doc, "tr", {}, ...head)), node(doc, "tbody", {}, ...body));
}

/** How it stands with a voice, in words. */
export function stateTold(told) {
  if (!told) return "";
  if (told.state === "failed") return told.problem;
  const more = told.more ? " Only the first elements are measured." : "";
  const lost = told.left_out ? ` Not as asked: ${told.left_out}.` : "";
  return STATES[told.state] || `${told.seconds.toFixed(1)} s of speech.${more}${lost}`;
}
