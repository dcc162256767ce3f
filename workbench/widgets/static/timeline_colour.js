/** What is drawn in which colour: two themes, and confidence as a scale that colour-blind eyes can tell apart. */

/** Confidences are whole numbers up to this; NO_CONFIDENCE says there is none. */
export const FULL = 200;
export const NO_CONFIDENCE = 255;

/** From unsure to sure: orange to blue, which differ in lightness too (Okabe and Ito, 2008). */
const SCALES = {
  light: [[0.3, 213, 94, 0], [0.6, 222, 143, 5], [0.8, 86, 160, 205], [1, 0, 90, 156]],
  dark: [[0.3, 255, 120, 40], [0.6, 240, 185, 70], [0.8, 120, 175, 215], [1, 86, 180, 233]],
};

export const THEMES = {
  light: {
    paper: "#ffffff", lane: "#f4f6f8", ink: "#16191d", faint: "#5b646f", line: "#d8dde3", caller: "#0072b2",
    agent: "#c25400", speech: "#7fb2d6", early: "#007f5f", held: "#b8860b", lost: "#a3578a", played: "#e0a27a",
    cursor: "#b3261e", future: "rgba(255,255,255,0.72)", window: "rgba(0,114,178,0.16)", event: "#7b8794",
    families: { carrying: "#7b8794", listening: "#0072b2", thinking: "#a3578a", speaking: "#d55e00" },
  },
  dark: {
    paper: "#14171b", lane: "#1b1f25", ink: "#eceff3", faint: "#a3adb9", line: "#363d47", caller: "#56b4e9",
    agent: "#f2913d", speech: "#2b6a91", early: "#2fc49a", held: "#e6b422", lost: "#d996be", played: "#96592a",
    cursor: "#ff8a80", future: "rgba(20,23,27,0.72)", window: "rgba(86,180,233,0.22)", event: "#98a4b3",
    families: { carrying: "#98a4b3", listening: "#56b4e9", thinking: "#d996be", speaking: "#f2913d" },
  },
};

/** Which family each contribution to the response time belongs to. */
export const FAMILIES = {
  capture_and_transport: "carrying", endpointing: "listening", transcription_tail: "listening",
  understanding: "thinking", reply: "thinking", synthesis_first_byte: "speaking", leading_silence: "speaking",
  transport: "carrying", playout: "carrying",
};

/** The colour of a confidence of 0..1. */
export function confidenceColour(share, theme) {
  const stops = SCALES[theme];
  const value = Math.min(Math.max(share, stops[0][0]), 1);
  const above = Math.max(1, stops.findIndex((stop) => stop[0] >= value));
  const [low, high] = [stops[above - 1], stops[above]];
  const part = (value - low[0]) / (high[0] - low[0]);
  const mixed = [1, 2, 3].map((n) => Math.round(low[n] + (high[n] - low[n]) * part));
  return `rgb(${mixed.join(",")})`;
}

const tables = { light: [], dark: [] };

/** The same for the whole numbers of the tables, worked out once each. */
export function colourOf(number, theme) {
  const held = tables[theme];
  held[number] ??= number === NO_CONFIDENCE ? THEMES[theme].agent : confidenceColour(number / FULL, theme);
  return held[number];
}

/** Whether a word is so unsure that it is marked by its form, too. */
export function isUnsure(number) {
  return number !== NO_CONFIDENCE && number < 0.6 * FULL;
}

/** "light" or "dark": what the notebook says, else what the system says. */
export function themeOf(doc) {
  const told = doc.body?.dataset?.jpThemeLight;
  if (told !== undefined) return told === "false" ? "dark" : "light";
  return doc.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
