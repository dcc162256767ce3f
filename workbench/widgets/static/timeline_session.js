/** A session's tables with what is needed to find in them: windows of words and spans, what was known when. */

import { Intervals, readTables, replacedFrom, upperBound } from "./timeline_tables.js";

/** Lanes and kinds of spans, and kinds of marks, as Python numbers them. */
export const LANES = { speech: 0, early: 1, played: 2 };
export const EARLY_KINDS = ["held", "committed", "discarded"];
export const MARKS = [
  "turn-ended", "barge-in", "backchannel", "action", "error", "held", "resumed", "led", "taken back",
];
export const WHO = ["caller", "agent"];

export class SessionData {
  /**
   * @param {{duration: number, strings: string[], layout: Object, turns: Object[]}} told
   * @param {ArrayBuffer} buffer
   */
  constructor(told, buffer) {
    this.strings = [...told.strings];
    this.tables = readTables(told.layout, buffer);
    this.duration = told.duration;
    this.turns = told.turns ?? [];
    this._find();
  }

  /** Take what has come of a live session: rows that replace those from `since` on, texts, a new duration. */
  grow(told, buffer) {
    this.strings.push(...told.strings.slice(Math.max(0, this.strings.length - told.strings_from)));
    this.tables = replacedFrom(this.tables, told.since, readTables(told.layout, buffer));
    this.duration = Math.max(this.duration, told.duration);
    const fresh = new Set(told.turns.map((turn) => turn.turn));
    this.turns = [...this.turns.filter((turn) => !fresh.has(turn.turn)), ...told.turns];
    this._find();
  }

  text(number) {
    return this.strings[number] ?? "";
  }

  column(table, name) {
    return this.tables[table].columns[name];
  }

  /** Call `visit(index)` for each row of `words` or `spans` that touches from..to. */
  within(table, from, to, visit) {
    this.found[table].within(from, to, visit);
  }

  /** The row of `table` that was the newest at `time`, -1 if there was none yet. */
  newest(table, time, column = "at") {
    return upperBound(this.column(table, column), time) - 1;
  }

  _find() {
    this.found = {};
    for (const table of ["words", "spans", "utterances"]) {
      this.found[table] = new Intervals(this.column(table, "start"), this.column(table, "end"));
    }
    // finals in the order in which they became known, as the rows are by start
    const known = this.column("utterances", "known");
    const who = this.column("utterances", "who");
    this.finals = [...known.keys()].filter((i) => who[i] === 0).sort((a, b) => known[a] - known[b]);
    this.finalTimes = Float32Array.from(this.finals, (i) => known[i]);
    this.turns.sort((a, b) => a.turn - b.turn);
  }
}
