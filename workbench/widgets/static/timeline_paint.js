/** Drawing of boxes on a canvas; what stands where is decided in the layout. */

import { THEMES, colourOf, isUnsure } from "./timeline_colour.js";
import { GUTTER, HEIGHT, LANE, wordTop } from "./timeline_layout.js";
import { ticks } from "./timeline_view.js";

const FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

/** Height of the overview. */
export const STRIP = 40;

/**
 * Draw all lanes of the visible part.
 * @param {CanvasRenderingContext2D} to
 * @param {Object} scene view, theme, boxes, waves, counts, labels
 */
export function paintLanes(to, scene) {
  const colours = THEMES[scene.theme];
  to.clearRect(0, 0, GUTTER + scene.view.width, HEIGHT);
  to.textBaseline = "middle";
  to.save();
  to.translate(GUTTER, 0);
  to.beginPath();
  to.rect(0, 0, scene.view.width, HEIGHT);
  to.clip();
  paintGround(to, scene.view, colours);
  for (const who of ["caller", "agent"]) paintWave(to, scene.waves[who], LANE[who], colours[who], scene.peak);
  for (const box of scene.spans) paintSpan(to, box, colours);
  paintPartials(to, scene, colours);
  for (const box of scene.words) paintWord(to, box, scene.theme, colours);
  for (const box of scene.marks) paintMark(to, box, colours);
  for (const box of scene.responses) paintResponse(to, box, colours);
  paintCounts(to, scene.counts, colours);
  to.restore();
  paintTitles(to, colours);
}

function paintGround(to, view, colours) {
  to.fillStyle = colours.lane;
  for (const { name, y, height } of Object.values(LANE)) {
    if (name !== "ruler") to.fillRect(0, y, view.width, height);
  }
  to.font = `12px ${FONT}`;
  to.fillStyle = colours.faint;
  to.strokeStyle = colours.line;
  to.lineWidth = 1;
  to.beginPath();
  for (const { x, text } of ticks(view)) {
    const at = Math.round(x) + 0.5;
    to.moveTo(at, 16);
    to.lineTo(at, HEIGHT);
    if (x < view.width - 34) to.fillText(text, at + 4, 10);
  }
  to.stroke();
}

function paintTitles(to, colours) {
  to.font = `12px ${FONT}`;
  to.fillStyle = colours.faint;
  to.textAlign = "right";
  for (const { title, y, height } of Object.values(LANE)) to.fillText(title, GUTTER - 8, y + height / 2);
  to.textAlign = "left";
}

function paintWave(to, { low, high }, lane, colour, peak) {
  const middle = lane.y + lane.height / 2;
  const scale = (lane.height / 2 - 2) / Math.max(peak, 1);
  to.fillStyle = colour;
  // one bar a pixel: an outline with as many corners takes several times as long to fill
  for (let x = 0; x < high.length; x += 1) {
    const top = middle - high[x] * scale - 0.5;
    to.fillRect(x, top, 1, middle - low[x] * scale + 0.5 - top);
  }
}

function paintSpan(to, box, colours) {
  const { x, y, w, h, what, kind } = box;
  const [top, high] = [y + 4, h - 8];
  if (what === "early" && kind === "discarded" && w < 6) {
    to.fillStyle = colours.lost; // no room for a dashed box, which takes long to draw
    to.fillRect(x, top, w, high);
  } else if (what === "early" && kind === "discarded") {
    to.strokeStyle = colours.lost;
    to.lineWidth = 2;
    to.setLineDash([5, 3]);
    to.strokeRect(x + 1, top + 1, Math.max(1, w - 2), high - 2);
    to.setLineDash([]);
  } else {
    to.fillStyle = what === "speech" ? colours.speech : what === "played" ? colours.played : colours.early;
    if (kind === "held") to.fillStyle = colours.held;
    to.fillRect(x, top, w, high);
  }
  if (what !== "early" || w < 8) return;
  to.font = `11px ${FONT}`;
  const note = box.note.split(" | ")[0];
  if (to.measureText(note).width + 8 > w) return;
  to.fillStyle = kind === "discarded" ? colours.ink : colours.paper;
  to.fillText(note, x + 5, y + h / 2);
}

function paintPartials(to, scene, colours) {
  const lane = LANE.partials;
  to.font = `12px ${FONT}`;
  to.fillStyle = colours.caller;
  for (const { x, stability } of scene.partials) {
    const high = 4 + (stability / 200) * (lane.height - 8);
    to.fillRect(x, lane.y + lane.height - 2 - high, 1.5, high);
  }
  to.fillStyle = colours.faint;
  for (const { x, room, row } of scene.partials) {
    if (room < 60) continue;
    paintCut(to, scene.partialText(row), x + 5, lane.y + lane.height / 2, room - 6);
  }
}

/** Text that ends in an ellipsis where there is no more room. */
function paintCut(to, text, x, y, room) {
  let held = text;
  if (to.measureText(held).width > room) {
    const share = room / to.measureText(held).width;
    held = `…${held.slice(-Math.max(1, Math.floor(held.length * share) - 1))}`; // the newest words are the last
  }
  to.fillText(held, x, y);
}

function paintWord(to, box, theme, colours) {
  const top = wordTop(box);
  const colour = colourOf(box.confidence, theme);
  const wide = Math.max(1.5, box.w);
  if (box.room === undefined) {
    to.fillStyle = colour;
    to.fillRect(box.x, top + 3, wide, 15);
    return;
  }
  to.fillStyle = colour;
  if (isUnsure(box.confidence)) {
    for (let x = 0; x < wide; x += 6) to.fillRect(box.x + x, top + 17, Math.min(4, wide - x), 3); // dashed
  } else to.fillRect(box.x, top + 17, wide, 3);
  if (box.room < 9) return;
  to.font = `${box.stable ? "" : "italic "}12.5px ${FONT}`;
  to.fillStyle = box.stable ? colours.ink : colours.faint;
  to.fillText(shortened(to, box.text, box.room), box.x, top + 9);
}

/** As much of `text` as fits into `room` pixels; nothing where that is next to nothing. */
function shortened(to, text, room) {
  const width = to.measureText(text).width;
  if (width <= room) return text;
  return room > 18 ? `${text.slice(0, Math.max(1, Math.floor((text.length * (room - 13)) / width)))}…` : "";
}

function paintMark(to, box, colours) {
  const colour = { "barge-in": colours.cursor, error: colours.cursor }[box.kind] ?? colours.ink;
  if (box.far) {
    to.fillStyle = colour;
    to.fillRect(box.x, LANE.speech.y, 1, LANE.speech.height);
    return;
  }
  to.strokeStyle = colour;
  to.lineWidth = 1.5;
  to.setLineDash(box.kind === "turn-ended" ? [4, 3] : []);
  to.beginPath();
  to.moveTo(box.x, LANE.caller.y);
  to.lineTo(box.x, LANE.speech.y + LANE.speech.height);
  to.stroke();
  to.setLineDash([]);
  to.font = `11px ${FONT}`;
  const label = shortened(to, box.label ?? "", box.room);
  if (!label) return;
  to.fillStyle = colours.lane;
  to.fillRect(box.x + 3, LANE.speech.y + 5, to.measureText(label).width + 4, LANE.speech.height - 10);
  to.fillStyle = colour;
  to.fillText(label, box.x + 5, LANE.speech.y + LANE.speech.height / 2);
}

function paintResponse(to, box, colours) {
  for (const part of box.parts) {
    to.fillStyle = colours.families[part.family];
    if (box.across) to.fillRect(part.x, box.y + 22, Math.max(0.5, part.w - 1), 18);
    else to.fillRect(box.x, part.y, box.w, part.h);
  }
  if (!box.across) return;
  to.font = `11px ${FONT}`;
  to.fillStyle = colours.paper;
  for (const { name, x, w } of box.parts) {
    const text = name.replaceAll("_", " ");
    if (w > 30 && to.measureText(text).width + 10 < w) to.fillText(text, x + 5, box.y + 31);
  }
  if (!box.told) return;
  to.font = `600 12px ${FONT}`;
  to.fillStyle = colours.ink;
  to.fillText(`${Math.round(box.turn.response * 1000)} ms`, box.x, box.y + 11);
}

function paintCounts(to, counts, colours) {
  const lane = LANE.events;
  to.fillStyle = colours.event;
  for (const [x, count] of counts) {
    const high = Math.min(lane.height - 2, 6 + 4 * Math.log2(count));
    to.fillRect(x, lane.y + lane.height - high, 1, high);
  }
}

/** Draw the cursor, what is to come veiled, and what the pointer is over. */
export function paintOver(to, { view, theme, cursor, veiled, hover }) {
  const colours = THEMES[theme];
  to.clearRect(0, 0, GUTTER + view.width, HEIGHT);
  to.save();
  to.translate(GUTTER, 0);
  to.beginPath();
  to.rect(0, 0, view.width, HEIGHT);
  to.clip();
  if (cursor !== null) {
    if (veiled && cursor < view.width) {
      to.fillStyle = colours.future;
      to.fillRect(Math.max(0, cursor), LANE.ruler.height, view.width - Math.max(0, cursor), HEIGHT);
    }
    to.fillStyle = colours.cursor;
    to.fillRect(cursor - 1, 0, 2, HEIGHT);
    to.beginPath();
    to.moveTo(cursor - 6, 0);
    to.lineTo(cursor + 6, 0);
    to.lineTo(cursor, 9);
    to.fill();
  }
  if (hover) {
    to.strokeStyle = colours.ink;
    to.lineWidth = 1.5;
    to.strokeRect(hover.x - 2, hover.y, hover.w + 4, hover.h);
  }
  to.restore();
}

/** Draw the whole session small. */
export function paintWhole(to, { whole, theme, waves, peak, counts }) {
  const colours = THEMES[theme];
  to.clearRect(0, 0, whole.width, STRIP);
  to.fillStyle = colours.lane;
  to.fillRect(0, 0, whole.width, STRIP);
  if (waves) {
    paintWave(to, waves.caller, { y: 0, height: STRIP / 2 }, colours.caller, peak);
    paintWave(to, waves.agent, { y: STRIP / 2, height: STRIP / 2 }, colours.agent, peak);
  } else {
    to.fillStyle = colours.event;
    for (const [x, count] of counts) {
      const high = Math.min(STRIP - 4, 6 + 4 * Math.log2(count));
      to.fillRect(x, STRIP - high, 1, high);
    }
  }
}

/** Draw the picture of the whole session, and which part of it is seen. */
export function paintStrip(to, { whole, view, theme, picture, cursor }) {
  const colours = THEMES[theme];
  to.clearRect(0, 0, GUTTER + whole.width, STRIP);
  to.save();
  to.translate(GUTTER, 0);
  to.drawImage(picture, 0, 0, whole.width, STRIP);
  const x = view.start * whole.scale;
  const w = Math.max(6, (view.width / view.scale) * whole.scale);
  to.fillStyle = colours.window;
  to.fillRect(x, 0, w, STRIP);
  to.strokeStyle = colours.caller;
  to.lineWidth = 1.5;
  to.strokeRect(x + 0.75, 0.75, w - 1.5, STRIP - 1.5);
  if (cursor !== null) {
    to.fillStyle = colours.cursor;
    to.fillRect(cursor * whole.scale - 1, 0, 2, STRIP);
  }
  to.restore();
}
