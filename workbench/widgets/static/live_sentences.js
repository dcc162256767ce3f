/** What a person is told when talking can't begin or go on: one helpful sentence for each reason. */
import { WAY_NAMES } from "./live_ways.js";

/** Sentences by reason; the reasons of a browser are the names of its `DOMException`s. */
export const REFUSALS = Object.freeze({
  NotAllowedError:
    "The microphone is blocked for this page: allow it at the lock or camera sign beside the address, then press Talk again.",
  SecurityError:
    "The browser's settings keep this page from the microphone: allow it for this site, then press Talk again.",
  NotFoundError: "No microphone was found: plug one in or switch it on, then press Talk again.",
  OverconstrainedError: "The microphone you chose is gone: choose another one below, then press Talk again.",
  NotReadableError:
    "The microphone is in use by another program or was switched off: close that program, then press Talk again.",
  AbortError: "The microphone stopped before it began: press Talk again, or choose another one below.",
  "insecure-page":
    "Browsers give a microphone only to https pages and to this very computer: open this page by https:// or as http://localhost.",
  "old-browser":
    "This browser is too old to send live audio (it has no AudioWorklet or no Worker): use a current Chrome, Edge, Firefox or Safari.",
  "no-source": "The audio source of this panel is not there any more: run the cell again.",
  "no-kernel": "The notebook's kernel does not answer, so there is no permission to talk: restart it and run the cell again.",
  "endpoint-down":
    "The speech endpoint does not answer: run the cell again to start it, or see that “workbench serve” is running.",
  "wrong-token":
    "The speech endpoint does not accept this notebook's key: use the WORKBENCH_KEY it was started with, then run the cell again.",
  "bad-source": "The audio source gave no sound: run the cell again, or choose another source.",
  "not-handed":
    "The other tab did not hand the sound over: stop the session there, then press Talk here.",
});

const BY_CODE = Object.freeze({
  401: REFUSALS["wrong-token"],
  403: REFUSALS["wrong-token"],
  404: REFUSALS["endpoint-down"],
  429: "The endpoint takes no more connections for a moment: wait half a minute, then press Talk again.",
  503: "The speech endpoint is busy or restarting: press Talk again in a moment.",
  1009: "The connection was closed because a message was too big; press Talk to begin anew.",
  1011: "The speech endpoint failed; press Talk to begin anew, and look at its log if it happens again.",
  4400: "The endpoint did not understand this page: reload the page so that both are of one version.",
  4401: "Permission to talk has run out and could not be renewed: press Talk again.",
  4403: REFUSALS["wrong-token"],
  4404: "The endpoint does not offer this assistant: choose one that it offers.",
  4405: "The endpoint does not recognise the language that was asked for: see the assistant's, the project's and the cell's.",
  4406: "The endpoint does not offer this audio codec: run the cell with codec=\"pcm16\".",
  4407: "Nothing came from this page for too long, so the session ended: press Talk to begin anew.",
  4408: "Nobody spoke for five minutes, so the session ended: press Talk to begin anew.",
  4410: "The session reached its longest time: press Talk to begin anew.",
  4411: "This page was too slow to keep up, so the session ended: close other tabs, then press Talk.",
  4412: "The session is over and could not be resumed: press Talk to begin anew.",
  4429: "Too many sessions are open at the endpoint: stop one, then press Talk again.",
  4430: "The project has used up its minutes of today: it goes on tomorrow (UTC), or ask whoever sets its quota.",
  4431: "The project of this notebook's token was disabled or deleted: ask whoever administers the endpoint.",
});

/** Close codes that are a normal end. */
export const NORMAL_END = Object.freeze([1000]);

/** The close code of a session that another connection took over. */
export const TAKEN_OVER = 4409;

/**
 * The sentence for what a browser or this package refused.
 * @param {{name?: string, reason?: string, message?: string, sentence?: string}} refusal a `DOMException`, or `{reason}` of
 *     `REFUSALS`, or an error or `{sentence}` with words of its own
 * @returns {string}
 */
export function refusalSentence(refusal) {
  const known = REFUSALS[refusal?.reason] ?? REFUSALS[refusal?.name];
  const said = refusal?.sentence ?? (refusal?.name === "Error" ? refusal.message : "");
  if (!known && said) return asSentence(said);
  return known ?? "Sound could not be started: press Talk again, or reload the page.";
}

/** What a module says, lower case and without a full stop, as a person's sentence. @param {string} text */
export function asSentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}

/**
 * The sentence for a session that ended with `code`.
 * @param {number|undefined} code
 * @param {string|undefined} sentence what the session itself says; it knows better
 */
export function endSentence(code, sentence) {
  if (BY_CODE[code]) return BY_CODE[code];
  if (!sentence) return "The connection to the speech endpoint was lost: press Talk to begin anew.";
  return `The connection ended: ${sentence.replace(/\.$/, "")}; press Talk to begin anew.`;
}

/**
 * The sentence for a session that does not go the way that was wished.
 * @param {{way: string, sentence?: string}} wished which did not come about, and why, as the session says it
 * @param {string} way in use
 */
export function insteadSentence(wished, way) {
  const why = wished.sentence ? `: ${wished.sentence.replace(/\.$/, "")}` : "";
  return `The sound goes by ${WAY_NAMES[way]}, as ${WAY_NAMES[wished.way]} did not come about${why}.`;
}

/**
 * What keeps this page from talking whatever the endpoint does; null if nothing.
 * @param {{secure: boolean, media: boolean, worklet: boolean, worker: boolean}} abilities
 * @param {boolean} microphone whether the source is a microphone
 */
export function missingAbility(abilities, microphone) {
  if (!abilities.secure || (microphone && !abilities.media)) return { reason: "insecure-page" };
  if (!abilities.worklet || !abilities.worker) return { reason: "old-browser" };
  return null;
}
