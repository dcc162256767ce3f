/** The tuner's two diagrams: settings against each other, and what confidence is worth. */

import { drawn, linePath } from "./tuner_dom.js";
import { figureText, milliseconds, roundTicks, scaleOf } from "./tuner_math.js";

const SIZE = { width: 460, height: 320, left: 66, right: 14, top: 14, bottom: 50 };

function frame(doc, { label, x, y, across, up, ticksX, ticksY, textX, textY }) {
  const { width, height, left, right, top, bottom } = SIZE;
  const text = (at, attributes, words) => {
    const element = drawn(doc, "text", { ...at, class: "tu-tick", ...attributes });
    element.textContent = words;
    return element;
  };
  const root = drawn(doc, "svg", { class: "tu-plot", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label });
  for (const tick of ticksY) {
    root.append(drawn(doc, "path", { class: "tu-grid", d: linePath([[left, y(tick)], [width - right, y(tick)]]) }));
    root.append(text({ x: left - 8, y: y(tick) + 4 }, { "text-anchor": "end" }, textY(tick)));
  }
  for (const tick of ticksX) root.append(text({ x: x(tick), y: height - bottom + 18 }, { "text-anchor": "middle" }, textX(tick)));
  root.append(text({ x: (left + width - right) / 2, y: height - 10 }, { "text-anchor": "middle", class: "tu-axis" }, across));
  const turned = { transform: `rotate(-90)`, "text-anchor": "middle", class: "tu-axis" };
  root.append(text({ x: -(top + height - bottom) / 2, y: 16 }, turned, up));
  return root;
}

const percent = (share) => `${Number((100 * share).toFixed(1))} %`;

/** A diamond, so that the present settings are told from others by form too. */
function diamond(x, y, r) {
  return `M${x},${y - r}L${x + r},${y}L${x},${y + r}L${x - r},${y}Z`;
}

/**
 * Every setting tried: response time across, turns cut off upward; those nothing beats can be chosen.
 * @param {Document} doc
 * @param {{points: Object[], chosen: number}} front
 * @param {{now: Object, recorded: Object}} figures of the present and the recorded settings
 * @param {(settings: Object) => void} choose
 * @returns {{root: SVGElement, place: (now: Object) => boolean}} `place` moves the present settings, and returns whether
 *   they lie in the picture
 */
export function frontPlot(doc, front, { now, recorded }, choose) {
  const { width, height, left, right, top, bottom } = SIZE;
  const stands = [now, recorded].filter((one) => one.response_median[0] !== null);
  const times = [...front.points.map((one) => one.median), ...stands.map((one) => one.response_median[0])];
  const cuts = [...front.points.map((one) => one.cut), ...stands.map((one) => one.cut[0]), 0.02];
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const margin = Math.max(0.02, 0.06 * (high - low));
  const x = scaleOf(low - margin, high + margin, left, width - right);
  const y = scaleOf(0, 1.08 * Math.max(...cuts), height - bottom, top);
  const root = frame(doc, {
    label: "Every setting tried: response time and turns cut off", x, y, across: "median response time, ms", up: "turns cut off",
    ticksX: roundTicks(low - margin, high + margin, 5), ticksY: roundTicks(0, Math.max(...cuts), 4),
    textX: (tick) => Math.round(1000 * tick), textY: percent,
  });
  const tried = front.points.filter((one) => !one.best).map((one) => `M${x(one.median).toFixed(1)},${y(one.cut).toFixed(1)}h0`);
  root.append(drawn(doc, "path", { class: "tu-tried", d: tried.join("") })); // one path: hundreds of circles are slow to paint
  const best = frontOf(front);
  root.append(drawn(doc, "path", { class: "tu-front", d: linePath(best.map((one) => [x(one.median), y(one.cut)])) }));
  const last = front.points[front.chosen]; // on top of what lies on it
  for (const one of [...best].sort((a, b) => (a === last) - (b === last))) {
    const suggested = front.points[front.chosen] === one;
    const told = `${milliseconds(one.median)}, ${percent(one.cut)} cut off, ${percent(one.wrong)} wrong${suggested ? "; suggested" : ""}`;
    const take = () => choose(one.settings);
    const point = drawn(doc, "circle", {
      cx: x(one.median), cy: y(one.cut), r: 6, class: suggested ? "tu-best suggested" : "tu-best", role: "button", tabindex: 0, "aria-label": `take the settings with ${told}`,
      onclick: take,
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        take();
      },
    }, drawn(doc, "title"));
    point.firstChild.textContent = told;
    root.append(point);
  }
  if (recorded.response_median[0] !== null) {
    root.append(drawn(doc, "path", { class: "tu-recorded", d: crossAt(x(recorded.response_median[0]), y(recorded.cut[0])) }));
  }
  const [interval, mark] = ["tu-interval", "tu-now"].map((kind) => drawn(doc, "path", { class: kind }));
  root.append(interval, mark);
  const place = ({ response_median: [value, from, to], cut: [cut] }) => {
    const known = value !== null;
    if (known && (value < low - margin || value > high + margin || cut > 1.08 * Math.max(...cuts))) return false;
    interval.setAttribute("d", known ? linePath([[x(Math.max(from, low - margin)), y(cut)], [x(Math.min(to, high + margin)), y(cut)]]) : "");
    mark.setAttribute("d", known ? diamond(x(value), y(cut), 9) : "");
    return true;
  };
  place(now);
  return { root, place };
}

function crossAt(x, y) {
  return `M${x - 6},${y - 6}l12,12m0,-12l-12,12`;
}

/** The points nothing beats, by rising time, each time and share of cut-offs once. */
export function frontOf(front) {
  const known = new Map();
  for (const one of front.points) {
    const key = `${one.median.toFixed(4)} ${one.cut.toFixed(4)}`;
    const held = known.get(key);
    if (one.best && (!held || front.points[front.chosen] === one)) known.set(key, one);
  }
  return [...known.values()].sort((a, b) => a.median - b.median || b.cut - a.cut);
}

/** What confidence was worth: score across, share right upward, before and after calibration. */
export function reliabilityPlot(doc, fit) {
  const { width, height, left, right, top, bottom } = SIZE;
  const [x, y] = [scaleOf(0, 1, left, width - right), scaleOf(0, 1, height - bottom, top)];
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const root = frame(doc, {
    label: `Reliability of ${fit.kind} confidence`, x, y, across: "confidence told", up: "share right", ticksX: ticks, ticksY: ticks, textX: String, textY: String,
  });
  root.append(drawn(doc, "path", { class: "tu-honest", d: linePath([[x(0), y(0)], [x(1), y(1)]]) }));
  for (const name of ["before", "after"]) {
    root.append(drawn(doc, "path", { class: `tu-worth ${name}`, d: linePath(fit[name].map(([score, share]) => [x(score), y(share)])) }));
    for (const [score, share, count] of fit[name]) {
      const r = 3 + 9 * Math.sqrt(count / fit.count);
      const at = [x(score), y(share)];
      const shape = name === "before"
        ? drawn(doc, "circle", { cx: at[0], cy: at[1], r, class: "tu-worth-bin before" })
        : drawn(doc, "path", { d: diamond(...at, r), class: "tu-worth-bin after" });
      const title = drawn(doc, "title");
      title.textContent = `${count} scores near ${score.toFixed(2)}: ${percent(share)} right`;
      shape.append(title);
      root.append(shape);
    }
  }
  return root;
}

/** What the diagram says, in a sentence. */
export function reliabilityText(fit) {
  const [before, after] = fit.error;
  const engine = [fit.engine, fit.language].filter(Boolean).join(", ");
  return `● as told   ◆ calibrated. ${fit.kind} confidence${engine ? ` (${engine})` : ""}: calibration error ${before.toFixed(3)} as told, ${after.toFixed(3)} calibrated, on conversations it was not fitted to; ${fit.count} scores.`;
}

/** The rows of the table of figures: name, what it is called, recorded, now, the interval and what changed. */
export function figureRows(figures, { recorded, now }, sessions) {
  return Object.entries(figures).map(([name, label]) => {
    const [value, low, high] = now[name];
    const known = value !== null && recorded[name][0] !== null;
    const change = known ? value - recorded[name][0] : 0;
    const text = figureText(name, Math.abs(change));
    const same = !known || text === figureText(name, 0);
    return {
      name, label, recorded: figureText(name, recorded[name][0]), now: figureText(name, value),
      interval: sessions > 1 && value !== null ? `${figureText(name, low)} to ${figureText(name, high)}` : "–",
      change: same ? "" : `${change < 0 ? "−" : "+"}${text}`,
    };
  });
}
