/** What was known at a moment of a session: the hypothesis, the meaning, the reply prepared, what was heard. Pure. */

import { EARLY_KINDS, LANES } from "./timeline_session.js";
import { FULL } from "./timeline_colour.js";
import { upperBound } from "./timeline_tables.js";

/**
 * @param {import("./timeline_session.js").SessionData} session
 * @param {number} time track seconds
 */
export function knownAt(session, time) {
  const last = upperBound(session.finalTimes, time) - 1;
  const final = last >= 0 ? session.finals[last] : -1;
  const partial = partialAt(session, time, final);
  const intent = session.newest("intents", time);
  return {
    time,
    partial,
    final: final < 0 ? null : session.text(session.column("utterances", "text")[final]),
    intent: intent < 0 ? null : intentOf(session, intent),
    speaking: touching(session, LANES.speech, time).length > 0,
    early: earlyAt(session, time),
    saying: sayingAt(session, time),
  };
}

/** The hypothesis that stood at `time`; null once the final took its place, and before there was one. */
export function partialAt(session, time, final) {
  const row = session.newest("partials", time);
  if (row < 0) return null;
  const at = session.column("partials", "at")[row];
  if (final >= 0 && session.column("utterances", "known")[final] >= at) return null;
  const first = session.column("partials", "first")[row];
  const stable = session.column("partials", "stable")[row];
  const words = [];
  for (let n = 0; n < session.column("partials", "count")[row]; n += 1) {
    words.push({
      text: session.text(session.column("partialWords", "text")[first + n]),
      start: session.column("partialWords", "start")[first + n],
      end: session.column("partialWords", "end")[first + n],
      confidence: session.column("partialWords", "confidence")[first + n],
      stable: n < stable,
    });
  }
  return { at, words, stability: session.column("partials", "stability")[row] / FULL };
}

function intentOf(session, row) {
  return {
    at: session.column("intents", "at")[row],
    text: session.text(session.column("intents", "text")[row]),
    confidence: session.column("intents", "confidence")[row] / FULL,
    final: session.column("intents", "final")[row] === 1,
  };
}

/** The rows of spans of a lane in which `time` lies. */
function touching(session, lane, time) {
  const rows = [];
  session.within("spans", time, time, (row) => {
    if (session.column("spans", "lane")[row] === lane) rows.push(row);
  });
  return rows;
}

/** The reply that is held at `time`, with what will become of it: nobody knew that yet. */
function earlyAt(session, time) {
  const [row] = touching(session, LANES.early, time).slice(-1);
  if (row === undefined) return null;
  const [fate, text] = session.text(session.column("spans", "note")[row]).split(" | ");
  return { text, fate, kind: EARLY_KINDS[session.column("spans", "kind")[row]] };
}

/** The words of the reply heard so far, while it is played. */
function sayingAt(session, time) {
  const heard = [];
  session.within("utterances", time, time, (row) => {
    if (session.column("utterances", "who")[row] !== 1) return;
    const end = session.column("utterances", "end")[row];
    session.within("words", session.column("utterances", "start")[row], Math.min(time, end), (word) => {
      if (session.column("words", "utterance")[word] === row && session.column("words", "known")[word] <= time) {
        heard.push(session.text(session.column("words", "text")[word]));
      }
    });
  });
  return heard.length ? heard.join(" ") : null;
}

/** One sentence or two of it, for a line of text and for those who listen to it. */
export function knownSentence(known) {
  const parts = [];
  if (known.partial?.words.length) {
    const stable = known.partial.words.filter((word) => word.stable).map((word) => word.text).join(" ");
    const open = known.partial.words.filter((word) => !word.stable).map((word) => word.text).join(" ");
    parts.push(`hearing “${[stable, open && `(${open})`].filter(Boolean).join(" ")}”`);
  } else if (known.speaking) parts.push("hears speech");
  else if (known.final !== null) parts.push(`understood “${known.final}”`);
  if (known.intent) {
    const sure = `${Math.round(known.intent.confidence * 100)}%`;
    parts.push(`${known.intent.final ? "meaning" : "so far"} ${known.intent.text}, ${sure} sure`);
  }
  if (known.early) parts.push(`holds the reply “${known.early.text}”`);
  if (known.saying) parts.push(`heard of the reply: “${known.saying}”`);
  return parts.length ? parts.join(" · ") : "nothing is known yet";
}
