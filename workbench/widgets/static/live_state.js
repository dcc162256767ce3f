/**
 * What the panel shows: a pure reducer, one notification after another, and what follows from its state.
 *
 * Notifications are those of `page_session.js` and the panel's own: "asking", "unanswered", "refused", "devices", "muted",
 * "push", "elsewhere", "source", "stopped", "withdraw" (somebody wants to, or no longer), "withdrawing" (a level was sent).
 */
import { conversationAfter, emptyConversation, heardSoFar } from "./live_conversation.js";
import { confirmingAfter, keepingAfter, keepingOf, withdrawingAfter } from "./live_keeping.js";
import { NORMAL_END, TAKEN_OVER, asSentence, endSentence, insteadSentence } from "./live_sentences.js";
import { WAY_NAMES } from "./live_ways.js";

/** Seconds without any sound, from a caller who has said nothing yet, before the panel wonders; later on it waits longer. */
export const SILENCE_HINT = 6;
export const LATER_SILENCE_HINT = 20;
/** Seconds of clipping before the panel says so, and seconds it goes on saying it. */
export const CLIPPING_PATIENCE = 1.5;
export const CLIPPING_HINT = 3;

/** Seconds the panel goes on saying what needs nothing of anybody. */
export const SAID_FOR = 20;

/** Phases in which a session is under way. */
const ACTIVE = Object.freeze(["connecting", "live", "held", "reconnecting"]);

/**
 * @typedef {"idle"|"asking"|"connecting"|"live"|"held"|"reconnecting"|"ended"|"failed"|"elsewhere"} Phase
 * @typedef {{
 *   phase: Phase, way: string, sentence: string, session: string, muted: boolean, push: "off"|"up"|"down",
 *   forced: boolean, presenter: boolean, devices: {id: string, label: string}[], device: string, picker: boolean,
 *   levels: {caller: number, agent: number, clipping: boolean, silent: number},
 *   clippingSince: number, clippedAt: number,
 *   quality: object|null, said: string, saidUntil: number, conversation: import("./live_conversation.js").Conversation,
 *   keeping: import("./live_keeping.js").Keeping|null
 * }} PanelState
 */

/**
 * The state of a panel nobody has pressed.
 * @param {Partial<PanelState>} given
 * @returns {PanelState}
 */
export function panelAtFirst(given = {}) {
  return {
    phase: "idle", way: "", sentence: "", session: "", muted: false, push: "off", forced: false, presenter: false,
    devices: [], device: "", picker: true, levels: { caller: -100, agent: -100, clipping: false, silent: 0 },
    clippingSince: Infinity, clippedAt: -Infinity, quality: null, said: "", saidUntil: Infinity,
    conversation: emptyConversation(), keeping: null, ...given,
  };
}

/**
 * The state after a notification.
 * @param {PanelState} state
 * @param {{what: string, detail?: any, now?: number}} note `now`: seconds on any monotonic clock
 * @returns {PanelState}
 */
export function panelAfter(state, { what, detail, now = 0 }) {
  const change = REACTIONS[what];
  return change ? change(state, detail, now) : state;
}

const QUIET = Object.freeze({ caller: -100, agent: -100, clipping: false, silent: 0 });

const REACTIONS = {
  asking: (state) => ({
    ...state, phase: "asking", sentence: "", said: "", quality: null, conversation: emptyConversation(), session: "",
    way: "", keeping: null,
  }),
  unanswered: (state) => (state.phase === "asking"
    ? { ...state, sentence: "Your browser asks whether this page may use the microphone: allow it." } : state),
  refused: (state, { sentence }) => ({ ...state, phase: "failed", sentence, levels: QUIET }),
  stopped: (state) => ({ ...state, phase: "ended", sentence: "", levels: QUIET }),
  status: statusTold,
  welcome: (state, { session, how, ...told }) => ({
    ...state, session, keeping: keepingOf({ session, ...told }, state.keeping),
    ...(how === "reset" ? { said: "The endpoint no longer had the session: a new one goes on from here.", saidUntil: Infinity } : {}),
  }),
  event: (state, event) => ({
    ...state, conversation: conversationAfter(state.conversation, event), keeping: keepingAfter(state.keeping, event),
  }),
  withdraw: (state, wanted) => ({ ...state, keeping: confirmingAfter(state.keeping, wanted) }),
  withdrawing: (state, level) => ({ ...state, keeping: withdrawingAfter(state.keeping, level) }),
  heard: (state, { reply, seconds }) => {
    const conversation = heardSoFar(state.conversation, reply, seconds);
    return conversation === state.conversation ? state : { ...state, conversation };
  },
  levels: (state, levels, now) => {
    const clippingSince = levels.clipping ? Math.min(state.clippingSince, now) : Infinity;
    const clipped = now - clippingSince >= CLIPPING_PATIENCE;
    return { ...state, levels, clippingSince, clippedAt: clipped ? now : state.clippedAt };
  },
  quality: (state, quality, now) => {
    const pushed = quality.mode === "push-to-talk";
    const until = quality.mode === "full" ? now + SAID_FOR : Infinity;
    const told = quality.said ? { quality, said: asSentence(quality.said), saidUntil: until } : { quality };
    if (pushed && state.push === "off") return { ...state, ...told, push: "up", forced: true };
    if (!pushed && state.forced) return { ...state, ...told, push: "off", forced: false };
    return { ...state, ...told };
  },
  devices: (state, { devices, device }) => ({ ...state, devices, device: device ?? state.device }),
  said: (state, said) => ({ ...state, said, saidUntil: Infinity }),
  sound: (state, { running, sentence }) => ({ ...state, said: running ? "" : asSentence(sentence), saidUntil: Infinity }),
  muted: (state, muted) => ({ ...state, muted }),
  push: (state, push) => ({ ...state, push, forced: false }),
  presenter: (state, presenter) => ({ ...state, presenter }),
  elsewhere: (state, { session, conversation }) => ({
    ...state, phase: "elsewhere", session, levels: QUIET, quality: null,
    conversation: conversation ?? (state.session === session ? state.conversation : emptyConversation()),
    sentence: "The sound is in another tab or window: this one shows what is said.",
  }),
};

function statusTold(state, { status, way, code, sentence, instead }, now) {
  const named = { ...state, way: way ?? state.way };
  if (status === "live") {
    const live = { ...named, phase: "live", sentence: "" };
    return instead ? { ...live, said: insteadSentence(instead, named.way), saidUntil: now + SAID_FOR } : live;
  }
  if (status === "connecting") return { ...named, phase: "connecting", sentence: "" };
  if (status === "held") {
    return { ...named, phase: "held", sentence: "The session is held for you: press Go on." };
  }
  if (status === "reconnecting") {
    return { ...named, phase: "reconnecting", sentence: "The connection was lost; what you say is kept and sent when it is back." };
  }
  if (code === TAKEN_OVER) {
    return { ...named, phase: "elsewhere", levels: QUIET, quality: null,
      sentence: "The sound has moved to another tab or window: this one shows what is said." };
  }
  if (status === "ended" && (code === undefined || NORMAL_END.includes(code))) {
    return { ...named, phase: "ended", sentence: "", levels: QUIET };
  }
  return { ...named, phase: status === "ended" ? "ended" : "failed", levels: QUIET, sentence: endSentence(code, sentence) };
}

/** Whether a session is under way. @param {PanelState} state */
export function isActive(state) {
  return ACTIVE.includes(state.phase);
}

/** The one word or two that say how it stands. @param {PanelState} state */
export function statusWord(state) {
  const { phase, muted, push } = state;
  if (phase === "live") {
    if (muted) return "muted";
    if (push === "up") return "hold to talk";
    const talking = state.conversation.turns.at(-1)?.speaking;
    const reply = state.conversation.turns.flatMap((turn) => turn.replies).findLast((one) => one.playback === "playing");
    return talking ? "hearing you" : reply ? "replying" : "listening";
  }
  const words = {
    idle: "ready", asking: "asking for the microphone", connecting: "connecting", held: "held",
    reconnecting: "reconnecting", ended: "ended", failed: "not connected", elsewhere: "sound is elsewhere",
  };
  return words[phase];
}

/** The way in use by name, or nothing. @param {PanelState} state */
export function wayName(state) {
  return isActive(state) ? (WAY_NAMES[state.way] ?? "") : "";
}

/**
 * The one sentence the panel says now, and how urgent it is.
 * @param {PanelState} state
 * @param {number} now
 * @returns {{text: string, kind: "error"|"hint"|"note"}|null}
 */
export function sentenceNow(state, now) {
  if (state.sentence) return { text: state.sentence, kind: state.phase === "failed" ? "error" : "note" };
  if (state.phase !== "live") return null;
  const open = !state.muted && state.push !== "up";
  if (open && now - state.clippedAt < CLIPPING_HINT) {
    return { text: "You are too loud for the microphone: move away from it or turn it down.", kind: "hint" };
  }
  if (open && wondersAboutSilence(state)) {
    return { text: "I can't hear you: is this the right microphone, and is it switched on?", kind: "hint" };
  }
  if (state.conversation.problem) return { text: state.conversation.problem, kind: "note" };
  return state.said && now <= state.saidUntil ? { text: state.said, kind: "note" } : null;
}

function wondersAboutSilence({ levels, conversation: { turns } }) {
  if (turns.some((turn) => turn.replies.some((reply) => reply.playback === "playing"))) return false;
  const spoke = turns.some((turn) => turn.utterances.length > 0);
  return levels.silent >= (spoke ? LATER_SILENCE_HINT : SILENCE_HINT);
}

/** What the main button does now. @param {PanelState} state */
export function mainAction(state) {
  if (state.phase === "elsewhere") return { action: "take", label: "Take over here" };
  if (!isActive(state)) return { action: state.phase === "asking" ? "wait" : "talk", label: "Talk" };
  if (state.phase === "held") return { action: "resume", label: "Go on" };
  if (state.push !== "off") return { action: "push", label: state.push === "down" ? "Talking…" : "Hold to talk" };
  return { action: "listening", label: state.phase === "live" ? "Live" : "Wait" };
}

/**
 * What a key does, null if it is none of the panel's.
 * @param {string} key `KeyboardEvent.key`
 * @param {boolean} down pressed or released
 * @param {PanelState} state
 * @returns {"talk"|"resume"|"take"|"push-down"|"push-up"|"mute"|"unmute"|"stop"|"nothing"|null}
 */
export function keyAction(key, down, state) {
  if (key === " ") {
    const { action } = mainAction(state);
    if (action === "push") return down ? "push-down" : "push-up";
    if (!down) return "nothing";
    if (action === "listening") return state.muted ? "unmute" : "nothing";
    return action === "wait" ? "nothing" : action;
  }
  if (!down) return null;
  if (key === "m" || key === "M") return isActive(state) ? (state.muted ? "unmute" : "mute") : "nothing";
  if (key === "Escape") return isActive(state) ? "stop" : null;
  return null;
}

/** A level of -60..0 dBFS as 0..1. @param {number} dbfs */
export function meterShare(dbfs) {
  return Math.min(1, Math.max(0, (dbfs + 60) / 60));
}

/** How sure a word is, in the three shades it is drawn in. @param {number} confidence 0..1 */
export function shadeOf(confidence) {
  return confidence >= 0.85 ? "sure" : confidence >= 0.6 ? "unsure" : "doubtful";
}

/**
 * The quality figures as they are shown.
 * @param {PanelState} state
 * @returns {{name: string, value: string, bad: boolean}[]}
 */
export function qualityFigures(state) {
  const quality = state.quality;
  if (!quality || !isActive(state)) return [];
  const rate = quality.bitrate ? ` ${Math.round(quality.bitrate / 1000)} kbit/s` : "";
  return [
    { name: "round trip", value: shownMs(quality.roundTrip), bad: quality.roundTrip > 0.3 },
    { name: "jitter", value: shownMs(quality.jitter), bad: quality.jitter > 0.06 },
    { name: "lost", value: `${(100 * (quality.lost ?? 0)).toFixed(quality.lost > 0.001 ? 1 : 0)} %`, bad: quality.lost > 0.02 },
    { name: "underruns", value: String(quality.underruns ?? 0), bad: quality.underruns > 3 },
    { name: "codec", value: `${state.way === "webrtc" ? "opus" : quality.codec}${rate}`, bad: false },
  ];
}

function shownMs(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  return seconds < 0.01 ? `${(seconds * 1000).toFixed(1)} ms` : `${Math.round(seconds * 1000)} ms`;
}
