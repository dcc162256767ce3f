/** A small session as a page gets it, and a view of it from near. */

import { NO_CONFIDENCE } from "../../workbench/widgets/static/timeline_colour.js";
import { SessionData } from "../../workbench/widgets/static/timeline_session.js";
import { bounded, fitted } from "../../workbench/widgets/static/timeline_view.js";

const ARRAYS = { u1: Uint8Array, u4: Uint32Array, f4: Float32Array };
export const SCHEMA = {
  events: { at: "f4", type: "u4" },
  utterances: {
    start: "f4", end: "f4", known: "f4", who: "u1", turn: "u4", text: "u4", confidence: "u1", interrupted: "u1",
  },
  words: { start: "f4", end: "f4", known: "f4", who: "u1", confidence: "u1", text: "u4", utterance: "u4" },
  partials: { at: "f4", turn: "u4", first: "u4", count: "u4", stable: "u4", stability: "u1" },
  partialWords: { start: "f4", end: "f4", confidence: "u1", text: "u4" },
  spans: { start: "f4", end: "f4", lane: "u1", kind: "u1", reply: "u4", note: "u4" },
  marks: { at: "f4", kind: "u1", turn: "u4", note: "u4" },
  intents: { at: "f4", confidence: "u1", final: "u1", text: "u4" },
};

/** Rows as Python packs them. */
export function packed(rows) {
  const layout = {};
  const pieces = [];
  let offset = 0;
  for (const [table, columns] of Object.entries(SCHEMA)) {
    const held = rows[table] ?? [];
    layout[table] = { rows: held.length, columns: [] };
    for (const [n, [name, type]] of Object.entries(columns).entries()) {
      const values = new ARRAYS[type](held.map((row) => row[n]));
      layout[table].columns.push([name, type, offset]);
      pieces.push([offset, new Uint8Array(values.buffer)]);
      offset += Math.ceil(values.byteLength / 8) * 8;
    }
  }
  const bytes = new Uint8Array(offset);
  for (const [at, piece] of pieces) bytes.set(piece, at);
  return [layout, bytes.buffer];
}

// "A large latte." said from 1 to 2.4 s, known at 3.2; heard so far: "A" at 1.5, "A large" at 2.0. A reply is held
// from 2.6 and committed at 3.2, and played from 3.4 to 4.4 as "One large".
export const STRINGS = ["", "A", "large", "latte.", "A large latte.", "committed | One large", "One", "One large", "order", "why"];
export const ROWS = {
  events: [[0, 0], [1.4, 0], [1.4, 0], [3.0, 0]],
  utterances: [[1, 2.4, 3.2, 0, 0, 4, 180, 0], [3.4, 4.4, 3.4, 1, 0, 7, NO_CONFIDENCE, 1]],
  words: [
    [1, 1.2, 3.2, 0, 60, 1, 0], [1.25, 1.7, 3.2, 0, 190, 2, 0], [1.75, 2.4, 3.2, 0, 200, 3, 0],
    [3.43, 3.7, 3.43, 1, NO_CONFIDENCE, 6, 1], [3.75, 4.0, 3.75, 1, NO_CONFIDENCE, 2, 1],
  ],
  partials: [[1.5, 0, 0, 1, 0, 100], [2.0, 0, 1, 2, 1, 120]],
  partialWords: [[1, 1.2, 100, 1], [1, 1.2, 150, 1], [1.25, 1.7, 120, 2]],
  spans: [[1.02, 2.43, 0, 0, 0, 0], [2.6, 3.2, 1, 1, 1, 5], [3.4, 4.4, 2, 0, 1, 7]],
  marks: [[2.9, 0, 0, 9], [4.2, 1, 1, 0]],
  intents: [[2.05, 150, 0, 8], [3.25, 190, 1, 8]],
};
export const TURN = {
  turn: 0, began: 1, said: 2.4, sounded: 3.43, response: 1.03, measured: true,
  shares: { endpointing: 0.5, transcription_tail: 0.3, synthesis_first_byte: 0.2, transport: 0.03, reply: 0 },
};

export function session() {
  const [layout, buffer] = packed(ROWS);
  return new SessionData({ duration: 6, strings: STRINGS, layout, turns: [TURN] }, buffer);
}

export const NEAR = bounded({ ...fitted(6, 600), scale: 200, start: 1 });
