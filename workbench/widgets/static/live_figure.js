/** The response time of a turn, drawn: a bar a contribution, each beginning where the last ended. */
import { make } from "./live_dom.js";
import { milliseconds } from "./live_waterfall.js";

const ROW = 21;
const LEFT = 168;
const RIGHT = 66;
const WIDTH = 460;

/**
 * Where the bars lie, in the figure's own units.
 * @param {{response: number, shares: {name: string, family: string, start: number, seconds: number}[]}} waterfall
 */
export function barsOf(waterfall) {
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(waterfall.response, 1e-9);
  return waterfall.shares.map((share, row) => ({
    label: share.name.replaceAll("_", " "),
    value: milliseconds(share.seconds),
    family: share.family,
    says: share.says,
    x: LEFT + share.start * scale,
    y: row * ROW,
    width: share.seconds > 0 ? Math.max(1.5, share.seconds * scale) : 0,
    nothing: share.seconds < 0.0005,
  }));
}

/**
 * The figure.
 * @param {Document} page
 * @param {{response: number, shares: object[]}} waterfall
 */
export function drawnWaterfall(page, waterfall) {
  const bars = barsOf(waterfall);
  const told = bars.filter((bar) => !bar.nothing).map((bar) => `${bar.label} ${bar.value}`).join(", ");
  const rows = bars.map((bar) => make(
    page, "g", { class: bar.nothing ? "wb-nothing" : null },
    make(page, "title", null, `${bar.label}: ${bar.says}`),
    make(page, "text", { x: LEFT - 9, y: bar.y + ROW / 2, "text-anchor": "end" }, bar.label),
    make(page, "rect", { x: bar.x, y: bar.y + 4, width: bar.width, height: ROW - 8, rx: 2.5, class: `wb-${bar.family}` }),
    make(page, "text", { x: bar.x + bar.width + 6, y: bar.y + ROW / 2, class: "wb-value" }, bar.value),
  ));
  const label = `${milliseconds(waterfall.response)} from your last word to the first sound: ${told}`;
  return make(
    page, "svg", { class: "wb-waterfall", viewBox: `0 0 ${WIDTH} ${bars.length * ROW + 4}`, role: "img", "aria-label": label },
    ...rows,
  );
}
