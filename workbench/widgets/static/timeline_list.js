/** The transcript as a list: the same session for those who don't see the picture, and to find a place in it. */

import { FULL, NO_CONFIDENCE } from "./timeline_colour.js";
import { WHO } from "./timeline_session.js";
import { lowerBound } from "./timeline_tables.js";
import { clock } from "./timeline_view.js";

/** Utterances listed at once. */
export const LISTED = 60;

/** The rows first..last of so many around `place`, a page at a time. */
export function listWindow(count, place, size = LISTED) {
  const first = Math.max(0, Math.min(count - size, Math.floor(place / (size / 2)) * (size / 2) - size / 4));
  return [Math.floor(first), Math.min(count, Math.floor(first) + size)];
}

/** The words of one line. */
export function listLine(session, row) {
  const utterances = session.tables.utterances.columns;
  const sure = utterances.confidence[row];
  return {
    start: utterances.start[row],
    when: clock(utterances.start[row], 0.1),
    who: WHO[utterances.who[row]],
    text: session.text(utterances.text[row]),
    note: [
      sure === NO_CONFIDENCE ? "" : `${Math.round((sure / FULL) * 100)}% sure`,
      utterances.interrupted[row] ? "interrupted" : "",
    ].filter(Boolean).join(", "),
  };
}

export class TranscriptList {
  /** `choose(seconds)` is called with the start of a line that is chosen. */
  constructor(doc, session, choose) {
    this.doc = doc;
    this.session = session;
    this.choose = choose;
    this.element = doc.createElement("details");
    this.element.className = "wt-transcript";
    this.summary = doc.createElement("summary");
    this.list = doc.createElement("ol");
    this.nav = doc.createElement("p");
    this.element.append(this.summary, this.nav, this.list);
    this.earlier = this._button("Earlier", () => this._show(this.first - LISTED / 2));
    this.later = this._button("Later", () => this._show(this.last + LISTED / 2));
    this.nav.append(this.earlier, this.later);
    this.place = 0;
    this.element.addEventListener("toggle", () => this.refresh());
    this.refresh();
  }

  /** Show what is said around a time, when the list is open. */
  follow(time) {
    const starts = this.session.column("utterances", "start");
    this.place = Math.max(0, lowerBound(starts, time + 0.001) - 1);
    if (!this.element.open || !starts.length) return;
    if (this.place < this.first || this.place >= this.last) this._show(this.place);
    this._mark();
  }

  refresh() {
    const count = this.session.tables.utterances.rows;
    this.summary.textContent = `Transcript as text (${count} utterances)`;
    if (this.element.open) this._show(this.place);
  }

  _show(place) {
    const count = this.session.tables.utterances.rows;
    [this.first, this.last] = listWindow(count, Math.min(Math.max(0, place), Math.max(0, count - 1)));
    const lines = [];
    for (let row = this.first; row < this.last; row += 1) lines.push(this._line(row));
    this.list.replaceChildren(...lines);
    this.list.start = this.first + 1;
    this.earlier.disabled = this.first === 0;
    this.later.disabled = this.last >= count;
    this._mark();
  }

  _mark() {
    for (const [n, line] of [...this.list.children].entries()) {
      if (this.first + n === this.place) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  }

  _line(row) {
    const { start, when, who, text, note } = listLine(this.session, row);
    const item = this.doc.createElement("li");
    item.className = who;
    const button = this._button("", () => this.choose(start));
    for (const [kind, words] of [["when", when], ["who", who], ["text", text], ["note", note]]) {
      const span = this.doc.createElement("span");
      span.className = `wt-${kind}`;
      span.textContent = words;
      button.append(span, " ");
    }
    item.append(button);
    return item;
  }

  _button(text, act) {
    const button = this.doc.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }
}
