/** The tuner's arithmetic: what changed, scales and how numbers are written. */

/** Seconds by which an end of turn or a reply must move to count as changed: one look at the silence. */
export const NOTICED = 0.032;

/** What became of a turn, in the order in which it is worth looking at. */
export const FATES = {
  wrong: "a wrong reply would be heard",
  cut: "would be cut off in a pause",
  mended: "is no longer cut off",
  righted: "no wrong reply is heard any more",
  slower: "is answered later",
  faster: "is answered sooner",
};

/**
 * What becomes of each turn: one of the names of FATES, or "" where nothing changes.
 * @param {Object<string, ArrayLike<number>>} before columns of the recorded settings
 * @param {Object<string, ArrayLike<number>>} now
 * @returns {string[]}
 */
export function fatesOf(before, now) {
  return Array.from(now.response, (response, i) => {
    if (now.wrong[i] > before.wrong[i]) return "wrong";
    if (now.cut[i] > before.cut[i]) return "cut";
    if (now.wrong[i] < before.wrong[i]) return "righted";
    if (now.cut[i] < before.cut[i]) return "mended";
    const known = Number.isFinite(response) && Number.isFinite(before.response[i]);
    const moved = known ? response - before.response[i] : now.wait[i] - before.wait[i];
    if (moved > NOTICED / 2) return "slower";
    return moved < -NOTICED / 2 ? "faster" : "";
  });
}

/** The places of turns that change, those worth looking at first in front. @param {string[]} fates */
export function changedTurns(fates) {
  const order = Object.keys(FATES);
  const changed = [...fates.keys()].filter((i) => fates[i]);
  return changed.sort((a, b) => order.indexOf(fates[a]) - order.indexOf(fates[b]) || a - b);
}

/** The next place in `places` after (or, with `by` -1, before) `here`, round about; -1 if there is none. */
export function nextPlace(places, here, by = 1) {
  const sorted = [...places].sort((a, b) => a - b);
  if (!sorted.length) return -1;
  if (by > 0) return sorted.find((place) => place > here) ?? sorted[0];
  return sorted.reverse().find((place) => place < here) ?? sorted[0];
}

/** A value within a slider's ends, on its steps. @param {{least: number, most: number, step: number}} slider */
export function onStep(value, { least, most, step }) {
  const whole = least + Math.round((Math.min(Math.max(value, least), most) - least) / step) * step;
  return Number(Math.min(whole, most).toFixed(4));
}

/**
 * Where to put labels of `places` so that they lie at least `apart`: those too near share the room about their middle.
 * @param {number[]} places @param {number} apart @returns {number[]} in the order given
 */
export function spread(places, apart) {
  const order = [...places.keys()].sort((a, b) => places[a] - places[b] || a - b);
  const groups = [];
  for (const i of order) {
    let group = { members: [i], middle: places[i] };
    while (groups.length) {
      const before = groups.at(-1);
      const room = ((before.members.length + group.members.length) / 2) * apart;
      if (group.middle - before.middle >= room) break;
      groups.pop();
      const members = [...before.members, ...group.members];
      group = { members, middle: members.reduce((sum, one) => sum + places[one], 0) / members.length };
    }
    groups.push(group);
  }
  const placed = [...places];
  for (const { members, middle } of groups) members.forEach((one, n) => { placed[one] = middle + (n - (members.length - 1) / 2) * apart; });
  return placed;
}

/** Settings with one moved, the shortest wait never above the longest: the other gives way. */
export function movedSettings(settings, name, value) {
  const moved = { ...settings, [name]: value };
  const [low, high] = ["endpointing.hangover_min", "endpointing.hangover_max"];
  if (moved[low] > moved[high]) moved[name === low ? high : low] = value;
  return moved;
}

/** A straight scale from `low`..`high` to `start`..`end`. */
export function scaleOf(low, high, start, end) {
  const span = high - low || 1;
  const scale = (value) => start + ((value - low) / span) * (end - start);
  scale.invert = (place) => low + ((place - start) / (end - start || 1)) * span;
  return scale;
}

/** Round numbers from `low` to `high`, about `count` of them. */
export function roundTicks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((one) => one * power >= rough * 0.999) * power;
  const ticks = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9; n += 1) ticks.push(Number((n * step).toFixed(6)));
  return ticks;
}

const SHARES = new Set(["wrong", "cut"]);
const TIMES = new Set(["response_median", "response_p90", "delay", "saved"]);

/** A figure as people read it. @param {string} name @param {number|null|undefined} value */
export function figureText(name, value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (SHARES.has(name)) return `${(100 * value).toFixed(1)} %`;
  if (TIMES.has(name)) return `${Math.round(1000 * value)} ms`;
  if (name === "wasted") return `${value.toFixed(2)} s`;
  return name === "cost" ? value.toFixed(5) : value.toFixed(2);
}

/** Seconds as milliseconds. */
export function milliseconds(seconds) {
  return Number.isFinite(seconds) && seconds !== null ? `${Math.round(1000 * seconds)} ms` : "–";
}

/** A setting as it stands beside its slider. */
export function settingText(slider, value) {
  if (typeof value === "boolean") return value ? "on" : "off";
  const digits = slider.step >= 1 ? 0 : 2;
  return `${value.toFixed(digits)}${slider.unit ? ` ${slider.unit}` : ""}`;
}

/**
 * The silence in a turn as a line: it rises in each pause and falls when the caller goes on.
 * @param {{from: number, to: number|null}[]} pauses @param {number} until where the last pause is left
 * @returns {[number, number][]} moments and seconds of silence
 */
export function silenceLine(pauses, until) {
  const line = [];
  for (const { from, to } of pauses) {
    const end = to ?? until;
    line.push([from, 0], [end, Math.max(0, end - from)], [end, 0]);
  }
  return line;
}

/** A step line: each value holds from its moment to the next one's. @returns {[number, number][]} */
export function stepLine(points, until) {
  const line = [];
  for (const [place, [at, value]] of points.entries()) {
    line.push([at, value], [Math.max(at, points[place + 1]?.[0] ?? until), value]);
  }
  return line;
}
