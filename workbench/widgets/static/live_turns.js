/** The transcript, turn by turn: words as sure as they are, what was understood, and the replies as heard. */
import { replyWords, wordsHeard } from "./live_conversation.js";
import { make } from "./live_dom.js";
import { shadeOf } from "./live_state.js";

/** Discarded replies shown of a turn, the newest. */
export const DISCARDED_SHOWN = 2;

const REASONS = Object.freeze({
  "speech-resumed": "you went on",
  "intent-changed": "you meant something else",
  "reply-changed": "another answer fits better",
  "confidence-fell": "it became unsure",
  "turn-dropped": "the turn was dropped",
});

/**
 * A turn as a list item.
 * @param {Document} page
 * @param {import("./live_conversation.js").Turn} turn
 */
export function drawnTurn(page, turn) {
  const before = turn.replies.filter((reply) => reply.prompt);
  const after = turn.replies.filter((reply) => !reply.prompt && (reply.given || reply.early !== "none"));
  const discarded = after.filter((reply) => reply.early === "discarded").slice(-DISCARDED_SHOWN);
  const shown = after.filter((reply) => reply.early !== "discarded" || discarded.includes(reply));
  return make(
    page, "li", { class: "wb-turn", "data-turn": turn.number },
    ...before.map((reply) => drawnReply(page, reply)),
    turn.utterances.length || turn.speaking ? drawnCaller(page, turn) : null,
    ...shown.map((reply) => drawnReply(page, reply)),
    ...turn.notes.map((note) => make(page, "p", { class: `wb-note wb-note-${note.kind}` }, note.kind === "action" ? spaced(note.text) : note.text)),
  );
}

function drawnCaller(page, turn) {
  const words = turn.utterances.flatMap((utterance) => utterance.words.flatMap((word) => [
    make(page, "span", {
      class: `wb-word wb-${shadeOf(word.confidence)}${utterance.final ? " wb-settled" : word.stable ? " wb-stable" : " wb-unstable"}`,
      title: `${Math.round(100 * word.confidence)} % sure${utterance.final ? "" : word.stable ? ", will stay" : ", may still change"}`,
    }, word.text),
    " ",
  ]));
  const barged = turn.bargedIn ? make(page, "span", { class: "wb-badge wb-barge" }, "interrupted the assistant") : null;
  return make(
    page, "div", { class: "wb-line wb-caller" },
    make(page, "div", { class: "wb-who" }, "You", barged),
    make(page, "p", { class: "wb-text" }, ...(words.length ? words : [make(page, "span", { class: "wb-dots" }, "…")])),
    drawnIntent(page, turn.intent),
  );
}

function drawnIntent(page, intent) {
  if (!intent) return null;
  const slots = Object.entries(intent.slots).map(([name, value]) => make(
    page, "span", { class: "wb-slot" }, make(page, "b", null, `${spaced(name)} `), value,
  ));
  return make(
    page, "div", { class: `wb-understood${intent.settled ? "" : " wb-guess"}` },
    make(page, "span", { class: "wb-intent" }, intent.name === null ? "not something it does" : spaced(intent.name)),
    make(page, "span", { class: "wb-sureness" }, `${Math.round(100 * intent.confidence)} %`),
    ...slots,
  );
}

function drawnReply(page, reply) {
  const gone = reply.early === "discarded";
  return make(
    page, "div", { class: `wb-line wb-agent${gone ? " wb-gone" : ""}`, "data-reply": reply.number, "data-playback": reply.playback },
    make(page, "div", { class: "wb-who" }, gone ? "Prepared, not said" : "Assistant", ledBadge(page, reply), earlyBadge(page, reply), cutBadge(page, reply)),
    make(page, "p", { class: "wb-text" }, ...drawnWords(page, reply)),
  );
}

function drawnWords(page, reply) {
  const heard = wordsHeard(reply);
  const cut = reply.playback === "cut";
  return replyWords(reply).flatMap((word, place) => {
    const state = place < heard ? "wb-heard" : cut ? "wb-unheard" : "wb-coming";
    const mark = cut && place === heard ? [make(page, "span", { class: "wb-cut", role: "img", "aria-label": "interrupted here" })] : [];
    return [...mark, make(page, "span", { class: state }, word), " "];
  });
}

function earlyBadge(page, reply) {
  if (reply.early === "none") return null;
  const texts = {
    held: "prepared early, held",
    committed: `prepared early, ${Math.round(reply.saved * 1000)} ms ahead`,
    discarded: `discarded: ${REASONS[reply.reason] ?? reply.reason}`,
  };
  return make(page, "span", { class: `wb-badge wb-${reply.early}` }, texts[reply.early]);
}

function ledBadge(page, reply) {
  return reply.led ? make(page, "span", { class: "wb-badge wb-held" }, "ahead of the final") : null;
}

function cutBadge(page, reply) {
  return reply.playback === "cut" ? make(page, "span", { class: "wb-badge wb-barge" }, "cut off") : null;
}

/** A name of a program as words. */
function spaced(name) {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[_-]/g, " ").toLowerCase();
}
