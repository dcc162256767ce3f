/**
 * What a conversation looks like by now: a pure reducer, one wire event after another.
 *
 * Everything in it is frozen in practice: an event makes new objects along the way to what it changed, so a
 * view sees by identity which turns it has to draw again.
 */
import { turnWaterfall } from "./live_waterfall.js";

/** Turns kept; the oldest go. */
export const TURNS_KEPT = 60;
/** Events of a turn kept for its waterfall; further ones are not looked at. */
export const TURN_EVENTS_KEPT = 2000;

/**
 * @typedef {{text: string, confidence: number, stable: boolean}} ShownWord
 * @typedef {{words: ShownWord[], final: boolean}} Utterance
 * @typedef {{text: string, start: number, end: number}} SpokenWord
 * @typedef {{
 *   number: number, text: string, words: SpokenWord[], prompt: boolean,
 *   early: "none"|"held"|"committed"|"discarded", reason: string, saved: number,
 *   playback: "waiting"|"playing"|"paused"|"finished"|"cut"|"closed", heard: number, textHeard: string,
 *   given: boolean, led: boolean
 * }} Reply
 * @typedef {{
 *   number: number, utterances: Utterance[], speaking: boolean, ended: boolean,
 *   intent: {name: string|null, slots: Record<string, string>, confidence: number, settled: boolean}|null,
 *   replies: Reply[], bargedIn: boolean, notes: {kind: string, text: string}[], waterfall: object|null
 * }} Turn
 * @typedef {{
 *   next: number, session: string, assistant: string, turns: Turn[], said: {who: string, text: string}|null,
 *   problem: string, arrivals: object[], facts: Record<number, object[]>
 * }} Conversation   `prompt`: a reply chosen before anything was said, a greeting or a reminder
 */

/** @returns {Conversation} one in which nothing has happened */
export function emptyConversation() {
  return {
    next: 0,
    session: "",
    assistant: "",
    turns: [],
    said: null,
    problem: "",
    arrivals: [],
    facts: {},
  };
}

/**
 * The conversation after `event`; one that came before changes nothing.
 * @param {Conversation} now
 * @param {object} event a wire event
 * @returns {Conversation}
 */
export function conversationAfter(now, event) {
  if (event.seq < now.next) return now;
  const counted = { ...now, next: event.seq + 1 };
  const change = CHANGES[event.type];
  return withWaterfall(change ? change(noted(counted, event), event) : noted(counted, event), event);
}

/** Types whose times a waterfall is made of. */
const TIMED = new Set([
  "turn-ended", "final-transcript", "intent-recognized", "reply-text", "early-synthesis-started",
  "early-synthesis-committed", "early-synthesis-discarded", "synthesis-first-byte", "synthesis-first-audio",
  "reply-led", "reply-followed", "playback-started", "speech-started",
]);

function noted(now, event) {
  if (event.type === "audio-in") {
    const { at, position, rate, captured } = event;
    return { ...now, arrivals: [...now.arrivals.slice(-119), { at, position, rate, captured }] };
  }
  if (!TIMED.has(event.type)) return now;
  const known = now.facts[event.turn] ?? [];
  if (known.length >= TURN_EVENTS_KEPT) return now;
  const facts = { ...now.facts, [event.turn]: [...known, slim(event)] };
  const oldest = event.turn - 3;
  for (const turn of Object.keys(facts)) if (Number(turn) < oldest) delete facts[turn];
  return { ...now, facts };
}

/** What a waterfall needs of an event; no words. */
function slim(event) {
  const { type, at, reply, origin, position, rate, played, part, outcome } = event;
  const slimmed = { type, at, reply, origin, position, rate, played, part, outcome };
  if (event.leading_silence !== undefined) slimmed.leading_silence = event.leading_silence;
  if (type === "reply-text") slimmed.text = event.text;
  return slimmed;
}

function withWaterfall(now, event) {
  if (event.type !== "playback-started" && event.type !== "reply-followed") return now;
  const turn = now.turns.find((one) => one.replies.some((reply) => reply.number === event.reply));
  if (!turn || turn.waterfall) return now;
  const waterfall = turnWaterfall(now.facts[turn.number] ?? [], now.arrivals);
  return waterfall && waterfall.reply === event.reply ? changed(now, turn.number, { waterfall }) : now;
}

const CHANGES = {
  "session-opened": (now, event) => ({
    ...now, session: event.session, assistant: event.assistant,
  }),
  "session-reset": (now, event) => ({
    ...now, session: event.session, problem: "The endpoint no longer had the session: a new one goes on from here.",
  }),
  "speech-started": (now, event) => changed(now, event.turn, { speaking: true }),
  "speech-ended": (now, event) => changed(now, event.turn, { speaking: false }),
  "partial-transcript": (now, event) => withUtterance(now, event.turn, {
    final: false,
    words: event.words.map((word, place) => shownWord(word, place < event.stable)),
  }),
  "final-transcript": (now, event) => {
    const words = event.words.length ? event.words : event.text ? [{ ...event, end: 0 }] : [];
    const after = withUtterance(now, event.turn, { final: true, words: words.map((word) => shownWord(word, true)) });
    return event.text ? { ...after, said: { who: "caller", text: event.text } } : after;
  },
  "intent-recognized": (now, event) => changed(now, event.turn, {
    intent: {
      name: event.intent, slots: event.slots, confidence: event.confidence, settled: event.origin === "final",
    },
  }),
  "turn-ended": (now, event) => changed(now, event.turn, { ended: true, speaking: false }),
  "barge-in": (now, event) => changed(now, event.turn, { bargedIn: true }),
  "backchannel": (now, event) => withNote(now, event.turn, "backchannel", `“${event.text}” did not interrupt`),
  "clarification-asked": (now, event) => withNote(
    now, event.turn, "clarification", event.slot ? `asks about ${event.slot}: ${event.reason}` : `asks again: ${event.reason}`,
  ),
  "action-taken": (now, event) => withNote(now, event.turn, "action", event.action),
  "lookup": (now, event) => (event.status === "nothing" ? now
    : withNote(now, event.turn, "lookup", `looked up ${event.name}: ${event.status}`)),
  "reply-text": (now, event) => {
    const turn = turnOf(now, event.turn);
    const prompt = !turn || !(turn.utterances.length || turn.speaking || turn.ended);
    return withReply(now, event.turn, event.reply, { text: event.text, prompt, given: !event.part });
  },
  "reply-led": (now, event) => withReply(now, event.turn, event.reply, { given: true, led: true }),
  "reply-followed": (now, event) => {
    const after = event.by === null ? now : withReply(now, event.turn, event.by, { given: true });
    return event.outcome === "repaired" ? withNote(after, event.turn, "repair", "took back what you had heard") : after;
  },
  "early-synthesis-started": (now, event) => withReply(now, event.turn, event.reply, { early: "held" }),
  "early-synthesis-committed": (now, event) => withReply(
    now, event.turn, event.reply, { early: "committed", saved: event.saved },
  ),
  "early-synthesis-discarded": (now, event) => withReply(
    now, event.turn, event.reply, { early: "discarded", reason: event.reason },
  ),
  "synthesis-ready": (now, event) => {
    const words = replyOf(now, event.reply)?.words ?? [];
    return withReply(now, event.turn, event.reply, { words: [...words, ...event.words] });
  },
  "playback-started": (now, event) => {
    const after = withReply(now, event.turn, event.reply, { playback: "playing" });
    return { ...after, said: { who: "assistant", text: replyOf(after, event.reply).text } };
  },
  "playback-position": (now, event) => heardSoFar(now, event.reply, event.heard / event.rate),
  "playback-paused": (now, event) => withReply(now, event.turn, event.reply, { playback: "paused" }),
  "playback-resumed": (now, event) => withReply(now, event.turn, event.reply, { playback: "playing" }),
  "playback-stopped": (now, event) => withReply(now, event.turn, event.reply, {
    playback: { "barge-in": "cut", finished: "finished" }[event.reason] ?? "closed",
    heard: event.heard / event.rate,
    textHeard: event.text_heard,
  }),
  "error": (now, event) => ({ ...now, problem: event.message }),
};

/**
 * The conversation once `seconds` of a reply were heard: the page knows before the endpoint does.
 * @param {Conversation} now
 * @param {number} reply
 * @param {number} seconds
 */
export function heardSoFar(now, reply, seconds) {
  const known = replyOf(now, reply);
  if (!known || known.playback === "cut" || known.heard >= seconds) return now;
  return withReply(now, 0, reply, { heard: seconds });
}

/**
 * How many words of a reply were heard: of one that was cut, those the endpoint says; else those that began.
 * @param {Reply} reply
 */
export function wordsHeard(reply) {
  if (reply.playback === "finished") return replyWords(reply).length;
  if (reply.playback === "cut" || reply.playback === "closed") {
    return reply.textHeard.trim() ? reply.textHeard.trim().split(/\s+/).length : 0;
  }
  return reply.words.filter((word) => word.start < reply.heard).length;
}

/**
 * A reply's text word by word, whether or not it has been synthesised.
 * @param {Reply} reply
 */
export function replyWords(reply) {
  return reply.text.trim() ? reply.text.trim().split(/\s+/) : [];
}

function shownWord(word, stable) {
  return { text: word.text, confidence: word.confidence, stable };
}

function replyOf(now, number) {
  for (const turn of now.turns) {
    const found = turn.replies.find((reply) => reply.number === number);
    if (found) return found;
  }
  return null;
}

/** Change turn `number`, which begins to exist if it has to. */
function changed(now, number, change) {
  const place = now.turns.findIndex((turn) => turn.number === number);
  if (place >= 0) {
    return { ...now, turns: now.turns.map((turn, at) => (at === place ? { ...turn, ...change } : turn)) };
  }
  const turn = {
    number, utterances: [], speaking: false, ended: false, intent: null, replies: [], bargedIn: false, notes: [],
    waterfall: null, ...change,
  };
  const turns = [...now.turns, turn].sort((one, other) => one.number - other.number);
  return { ...now, turns: turns.slice(-TURNS_KEPT) };
}

function turnOf(now, number) {
  return now.turns.find((turn) => turn.number === number);
}

/** Put `utterance` in place of the turn's open one, or after its last. */
function withUtterance(now, number, utterance) {
  const before = turnOf(now, number)?.utterances ?? [];
  const settled = before.at(-1)?.final === false ? before.slice(0, -1) : before;
  return changed(now, number, { utterances: utterance.words.length ? [...settled, utterance] : settled });
}

function withNote(now, number, kind, text) {
  const notes = turnOf(now, number)?.notes ?? [];
  return changed(now, number, { notes: [...notes.slice(-9), { kind, text }] });
}

/** Change a reply where it stands; a new one stands in turn `number`. */
function withReply(now, number, reply, change) {
  const home = now.turns.find((turn) => turn.replies.some((one) => one.number === reply));
  if (home) {
    const replies = home.replies.map((one) => (one.number === reply ? { ...one, ...change } : one));
    return changed(now, home.number, { replies });
  }
  const fresh = {
    number: reply, text: "", words: [], prompt: false, early: "none", reason: "", saved: 0, playback: "waiting", heard: 0,
    textHeard: "", given: true, led: false, ...change,
  };
  return changed(now, number, { replies: [...(turnOf(now, number)?.replies ?? []).slice(-7), fresh] });
}
