/** Which part of a session is seen: seconds to pixels and back, zooming, panning, what a key means. Pure. */

/** Pixels a second at the closest. */
export const CLOSEST = 3000;

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600];
const APART = 76; // pixels between the numbers of the ruler

/**
 * @typedef {Object} View
 * @property {number} start session second at the left edge
 * @property {number} scale pixels a second
 * @property {number} width pixels
 * @property {number} duration seconds of the session
 */

/** The whole session. */
export function fitted(duration, width) {
  return { start: 0, scale: width / Math.max(duration, 0.1), width, duration };
}

/** A view that lies within the session and is no closer or farther than allowed. */
export function bounded(view) {
  const least = view.width / Math.max(view.duration, 0.1);
  const scale = Math.min(Math.max(view.scale, least), Math.max(CLOSEST, least));
  const last = Math.max(0, view.duration - view.width / scale);
  return { ...view, scale, start: Math.min(Math.max(view.start, 0), last) };
}

export function xOf(view, time) {
  return (time - view.start) * view.scale;
}

export function timeOf(view, x) {
  return view.start + x / view.scale;
}

/** Closer by `factor`, what is under `x` staying there. */
export function zoomed(view, factor, x) {
  const held = timeOf(view, x);
  const { scale } = bounded({ ...view, scale: view.scale * factor });
  return bounded({ ...view, scale, start: held - x / scale });
}

export function panned(view, pixels) {
  return bounded({ ...view, start: view.start + pixels / view.scale });
}

/** The same part at another width. */
export function resized(view, width) {
  const all = view.scale <= (view.width / Math.max(view.duration, 0.1)) * 1.0001;
  return all ? fitted(view.duration, width) : bounded({ ...view, width });
}

/** A session that has grown: seen whole it stays so, at its end it is followed, else it stays put. */
export function grown(view, duration) {
  const all = view.scale <= (view.width / Math.max(view.duration, 0.1)) * 1.0001;
  if (all) return fitted(duration, view.width);
  const atEnd = view.start + view.width / view.scale >= view.duration - 0.05;
  return bounded({ ...view, duration, start: atEnd ? duration - view.width / view.scale : view.start });
}

/** The view moved so that `time` is in it, not at its very edge; unchanged if it is. */
export function showing(view, time) {
  const x = xOf(view, time);
  if (x >= 0.05 * view.width && x <= 0.92 * view.width) return view;
  return bounded({ ...view, start: time - (0.15 * view.width) / view.scale });
}

/** The view that shows first..last with some room around. */
export function around(view, first, last) {
  const room = 0.15 * Math.max(last - first, 0.5);
  const scale = view.width / (last - first + 2 * room);
  return bounded({ ...view, scale, start: first - room });
}

/** 75.5 -> "1:15.5"; as many digits as `step` needs. */
export function clock(seconds, step = 1) {
  const digits = step < 0.1 ? 2 : step < 1 ? 1 : 0;
  const whole = Number(Math.max(0, seconds).toFixed(digits));
  const minutes = Math.floor(whole / 60);
  const rest = (whole - minutes * 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** The ruler's marks: where, and what stands there. */
export function ticks(view) {
  const step = STEPS.find((one) => one * view.scale >= APART) ?? STEPS[STEPS.length - 1];
  const marks = [];
  const last = Math.min(view.duration, timeOf(view, view.width));
  for (let n = Math.max(0, Math.ceil(view.start / step - 1e-9)); n * step <= last + 1e-9; n += 1) {
    marks.push({ x: xOf(view, n * step), text: clock(n * step, step) });
  }
  return marks;
}

/** What a wheel does: by its pixels, and whether it zooms. Null leaves it to the page. */
export function wheelAction({ deltaX, deltaY, deltaMode, ctrlKey, metaKey, shiftKey }, focused) {
  const unit = deltaMode === 1 ? 16 : deltaMode === 2 ? 400 : 1;
  if (shiftKey && deltaY) return { what: "pan", pixels: deltaY * unit };
  if (Math.abs(deltaX) > Math.abs(deltaY)) return { what: "pan", pixels: deltaX * unit };
  if (!(ctrlKey || metaKey || focused)) return null;
  const strength = ctrlKey ? 0.01 : 0.0022;
  return { what: "zoom", factor: Math.exp(-Math.max(-200, Math.min(200, deltaY * unit)) * strength) };
}

const KEYS = {
  "+": { what: "zoom", factor: 1.5 },
  "=": { what: "zoom", factor: 1.5 },
  "-": { what: "zoom", factor: 1 / 1.5 },
  0: { what: "fit" },
  ArrowLeft: { what: "move", pixels: -8 },
  ArrowRight: { what: "move", pixels: 8 },
  PageUp: { what: "page", pages: -0.9 },
  PageDown: { what: "page", pages: 0.9 },
  Home: { what: "go", to: "start" },
  End: { what: "go", to: "end" },
  n: { what: "turn", by: 1 },
  p: { what: "turn", by: -1 },
  k: { what: "known" },
  Escape: { what: "clear" },
  " ": { what: "play" },
};

/** What a key does, null if nothing; with shift the cursor moves ten times as far. */
export function keyAction({ key, shiftKey = false, ctrlKey = false, metaKey = false, altKey = false }) {
  if (ctrlKey || metaKey || altKey) return null;
  const action = KEYS[key.length === 1 ? key.toLowerCase() : key] ?? null;
  return action?.what === "move" && shiftKey ? { ...action, pixels: action.pixels * 10 } : action;
}
