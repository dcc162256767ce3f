// What the panel shows: the recorded session through the reducer, and what follows from a state.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { conversationAfter, emptyConversation, replyWords, wordsHeard } from "../../workbench/widgets/static/live_conversation.js";
import { barsOf } from "../../workbench/widgets/static/live_figure.js";
import { endSentence, refusalSentence } from "../../workbench/widgets/static/live_sentences.js";
import { microphoneConstraints, microphonesOf } from "../../workbench/widgets/static/live_source.js";
import {
  keyAction, mainAction, meterShare, panelAfter, panelAtFirst, qualityFigures, sentenceNow, shadeOf, statusWord,
} from "../../workbench/widgets/static/live_state.js";
import { turnWaterfall } from "../../workbench/widgets/static/live_waterfall.js";
import { basePathOf, sessionCodec, waysTo } from "../../workbench/widgets/static/live_ways.js";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const EVENTS = read("../../data/sessions/coffee/events.jsonl").trim().split("\n").map((line) => JSON.parse(line));
const place = (type, more = {}) => EVENTS.findIndex((event) => event.type === type && Object.entries(more).every(([name, value]) => event[name] === value));
const until = (end) => EVENTS.slice(0, end + 1).reduce(conversationAfter, emptyConversation());
const words = (turn) => turn.utterances.flatMap((utterance) => utterance.words.map((word) => word.text)).join(" ");

test("a partial shows which words may still change, and the final settles them", () => {
  // unstable words would look as sure as final ones
  const partial = EVENTS.findIndex((event) => event.type === "partial-transcript" && event.stable > 0 && event.stable < event.words.length);
  const { stable } = EVENTS[partial];
  const [utterance] = until(partial).turns[0].utterances;
  assert.deepEqual(utterance.words.map((word) => word.stable), utterance.words.map((_, index) => index < stable));
  assert.equal(utterance.final, false);
  const settled = until(place("final-transcript")).turns[0].utterances;
  assert.equal(settled.length, 1);
  assert.equal(settled[0].final, true);
  assert.equal(words(until(place("final-transcript")).turns[0]), EVENTS[place("final-transcript")].text);
});

test("intent and slots fill in while the caller speaks and settle with the final", () => {
  // the panel would show an order nobody gave
  const guess = until(place("intent-recognized", { origin: "partial" })).turns[0].intent;
  assert.equal(guess.settled, false);
  const settled = until(place("intent-recognized", { origin: "final" })).turns[0].intent;
  assert.deepEqual([settled.name, settled.slots.size, settled.slots.coffeeDrink, settled.settled], ["orderDrink", "large", "iced mocha", true]);
});

test("early synthesis is shown as held, then committed or discarded with its reason", () => {
  // nobody would see what was prepared, or what of it was thrown away
  const reply = (conversation, number) => conversation.turns[0].replies.find((one) => one.number === number);
  assert.equal(reply(until(place("early-synthesis-started", { reply: 2 })), 2).early, "held");
  const end = until(EVENTS.length - 1);
  assert.deepEqual([reply(end, 1).early, reply(end, 1).reason, reply(end, 1).playback], ["discarded", "speech-resumed", "waiting"]);
  assert.equal(reply(end, 2).early, "committed");
});

test("a greeting stands before what the caller says, an answer behind it", () => {
  // the transcript would begin with an answer to nothing
  const greeting = { seq: 0, at: 0, turn: 0, type: "reply-text", reply: 1, text: "Hi there!", ssml: "" };
  const answer = { seq: 2, at: 2, turn: 0, type: "reply-text", reply: 2, text: "One latte.", ssml: "" };
  const said = { seq: 1, at: 1, turn: 0, type: "speech-started", position: 0, rate: 16000 };
  const { replies } = [greeting, said, answer].reduce(conversationAfter, emptyConversation()).turns[0];
  assert.deepEqual(replies.map((reply) => reply.prompt), [true, false]);
});

test("a phrase stands once it may be heard, and what follows it once it follows", () => {
  // a phrase that was never said would stand as said, or the answer behind it be missing
  const events = [
    { type: "speech-started", position: 0, rate: 16000 },
    { type: "reply-text", reply: 1, text: "One moment.", part: "prefix" },
    { type: "reply-text", reply: 2, text: "One latte.", part: "first" },
    { type: "early-synthesis-started", reply: 2 },
    { type: "reply-text", reply: 3, text: "Coming right up.", part: "rest" },
    { type: "turn-ended", position: 16000, rate: 16000 },
    { type: "reply-led", reply: 1, kind: "prefix" },
    { type: "final-transcript", text: "a latte", words: [], confidence: 1 },
    { type: "reply-followed", reply: 1, by: 2, outcome: "continued" },
    { type: "reply-followed", reply: 2, by: 3, outcome: "continued" },
  ].map((event, seq) => ({ seq, at: seq, turn: 0, ...event }));
  const given = (count) => events.slice(0, count).reduce(conversationAfter, emptyConversation()).turns[0].replies
    .filter((reply) => reply.given).map((reply) => reply.number);
  assert.deepEqual([given(6), given(7), given(9), given(10)], [[], [1], [1, 2], [1, 2, 3]]);
  const repaired = [...events.slice(0, 8), { ...events[8], outcome: "repaired", by: 4 }];
  const { notes, replies } = repaired.reduce(conversationAfter, emptyConversation()).turns[0];
  assert.deepEqual(notes.map((note) => note.kind), ["repair"]);
  assert.equal(replies.find((reply) => reply.number === 1).led, true);
});

test("what was led before the final did not wait for it", () => {
  // the time to the final would be counted as waited for
  const facts = [
    { type: "speech-started", at: 0.5 },
    { type: "turn-ended", at: 2, position: 16000, rate: 16000 },
    { type: "reply-text", at: 2, reply: 1, part: "prefix" },
    { type: "reply-led", at: 2, reply: 1 },
    { type: "synthesis-first-byte", at: 2.1, reply: 1 },
    { type: "playback-started", at: 2.25, played: 2.2, reply: 1 },
    { type: "final-transcript", at: 3 },
    { type: "reply-followed", at: 3, reply: 1, by: 2, outcome: "continued" },
    { type: "reply-text", at: 3, reply: 2, part: "" },
    { type: "playback-started", at: 3.5, played: 3.5, reply: 2 },
  ];
  const waterfall = turnWaterfall(facts, [{ at: 0.1, position: 0, rate: 16000, captured: 0 }]);
  assert.equal(waterfall.reply, 1);
  assert.ok(Math.abs(waterfall.response - 1.2) < 1e-9); // from 1 s, where the caller ended, to 2.2 s
  assert.equal(waterfall.shares.find((share) => share.name === "transcription_tail").seconds, 0);
});

test("a turn whose answer began before the final has its waterfall once the final agreed", () => {
  // where the time went would stay unknown in the very turns that were answered soonest
  const events = [
    { type: "audio-in", at: 0.1, position: 0, rate: 16000, captured: 0 },
    { type: "speech-started", at: 0.5, position: 0, rate: 16000 },
    { type: "reply-text", at: 1.5, reply: 1, text: "Booked:", part: "first" },
    { type: "early-synthesis-started", at: 1.5, reply: 1 },
    { type: "reply-text", at: 1.5, reply: 2, text: "London,", part: "next" },
    { type: "reply-text", at: 1.5, reply: 3, text: "Monday.", part: "rest" },
    { type: "turn-ended", at: 2, position: 16000, rate: 16000 },
    { type: "reply-led", at: 2, reply: 1, kind: "clause" },
    { type: "reply-led", at: 2, reply: 2, kind: "clause" },
    { type: "synthesis-first-byte", at: 2.1, reply: 1 },
    { type: "playback-started", at: 2.25, played: 2.2, reply: 1 },
    { type: "final-transcript", at: 3, text: "", words: [], confidence: 1 },
    { type: "early-synthesis-committed", at: 3, reply: 1, saved: 1 },
    { type: "reply-followed", at: 3, reply: 1, by: 2, outcome: "continued" },
  ].map((event, seq) => ({ seq, turn: 0, ...event }));
  const turnAfter = (count) => events.slice(0, count).reduce(conversationAfter, emptyConversation()).turns[0];
  assert.equal(turnAfter(13).waterfall, null);
  assert.equal(turnAfter(14).waterfall.reply, 1);
  assert.ok(Math.abs(turnAfter(14).waterfall.response - 1.2) < 1e-9);
});

test("an interrupted reply is cut after the words the endpoint says were heard", () => {
  // words nobody heard would stand as said
  const end = until(EVENTS.length - 1);
  const cut = end.turns[0].replies.find((reply) => reply.playback === "cut");
  assert.equal(replyWords(cut).slice(0, wordsHeard(cut)).join(" "), EVENTS[place("playback-stopped")].text_heard);
  assert.equal(end.turns[1].bargedIn, true);
  const whole = end.turns[1].replies.at(-1);
  assert.equal(wordsHeard(whole), replyWords(whole).length);
});

test("while a reply plays its words are heard one after another", () => {
  // the transcript would run ahead of the sound
  const counts = EVENTS.flatMap((event, index) => (event.type === "playback-position" && event.reply === 3 ? [wordsHeard(until(index).turns[1].replies.at(-1))] : []));
  assert.ok(counts.length > 3 && counts.every((count, index) => index === 0 || count >= counts[index - 1]));
  assert.ok(counts[0] < counts.at(-1));
});

test("events that come again change nothing", () => {
  // after a reload or a take-over everything would stand twice
  const once = until(EVENTS.length - 1);
  assert.equal(EVENTS.reduce(conversationAfter, once), once);
});

test("the waterfall is the report's, by the events", () => {
  // the panel would show other numbers than the report
  const end = until(EVENTS.length - 1);
  const golden = JSON.parse(read("live_waterfall.json"));
  assert.equal(golden.length, 2);
  golden.forEach((expected, turn) => {
    const { waterfall } = end.turns[turn];
    assert.deepEqual(waterfall.shares.map((share) => share.name), Object.keys(expected));
    for (const share of waterfall.shares) assert.ok(Math.abs(share.seconds - expected[share.name]) < 1e-6, share.name);
    const sum = Object.values(expected).reduce((one, other) => one + other, 0);
    assert.ok(Math.abs(waterfall.response - sum) < 1e-6);
  });
});

test("a turn without an answer, or without the page's clock, has no waterfall", () => {
  // a number would be shown that nobody measured
  assert.equal(turnWaterfall([], []), null);
  assert.equal(turnWaterfall([{ type: "turn-ended", at: 2, position: 16000, rate: 16000 }], []), null);
});

test("the bars follow each other and end at the response time", () => {
  // the figure would not add up
  const { waterfall } = until(EVENTS.length - 1).turns[0];
  const bars = barsOf(waterfall);
  for (let index = 1; index < bars.length; index += 1) {
    if (bars[index - 1].width > 1.5) assert.ok(Math.abs(bars[index].x - bars[index - 1].x - bars[index - 1].width) < 0.01);
  }
  assert.match(bars[1].value, /^\d+ ms$/);
});

test("the conversation keeps a bound of turns", () => {
  // a long session would make the page slow
  let conversation = emptyConversation();
  for (let turn = 0; turn < 200; turn += 1) {
    conversation = conversationAfter(conversation, { seq: turn, at: turn, turn, type: "speech-started", position: 0, rate: 16000 });
  }
  assert.equal(conversation.turns.length, 60);
  assert.equal(conversation.turns.at(-1).number, 199);
  assert.ok(Object.keys(conversation.facts).length <= 4);
});

const after = (...notes) => notes.reduce((state, [what, detail, now]) => panelAfter(state, { what, detail, now }), panelAtFirst());
const LIVE = ["status", { status: "live", way: "direct" }];

test("each status of the session is a phase with its own words", () => {
  // the panel would say live while nothing is heard
  const words = ["connecting", "live", "held", "reconnecting"].map((status) => statusWord(after(["status", { status, way: "direct" }])));
  assert.deepEqual(words, ["connecting", "listening", "held", "reconnecting"]);
  assert.equal(statusWord(after(LIVE, ["muted", true])), "muted");
  assert.equal(statusWord(after(LIVE, ["push", "up"])), "hold to talk");
  assert.equal(after(LIVE, ["status", { status: "ended", code: 1000 }]).sentence, "");
  assert.match(after(LIVE, ["status", { status: "ended", code: 4408 }]).sentence, /Nobody spoke/);
  assert.equal(after(LIVE, ["status", { status: "ended", code: 4409 }]).phase, "elsewhere");
});

test("a question of the browser that stands is pointed at, one that was answered is not", () => {
  // a person would wait for the panel, and the panel for them
  assert.match(sentenceNow(after(["asking"], ["unanswered"]), 0).text, /allow it/);
  assert.equal(sentenceNow(after(["asking"], LIVE, ["unanswered"]), 0), null);
});

test("hints come when they help, and not while the assistant speaks", () => {
  // a person would be told that they are not heard while they are listening
  const levels = { caller: -100, agent: -100, clipping: false, silent: 7 };
  assert.match(sentenceNow(after(LIVE, ["levels", levels]), 7).text, /can't hear you/);
  assert.equal(sentenceNow(after(LIVE, ["levels", levels], ["muted", true]), 7), null);
  const playing = EVENTS.slice(0, place("playback-started") + 1).map((event) => ["event", event]);
  assert.equal(sentenceNow(after(LIVE, ...playing, ["levels", levels]), 7), null);
  const loud = { ...levels, silent: 0, clipping: true };
  assert.equal(sentenceNow(after(LIVE, ["levels", loud, 10]), 10), null);
  const still = after(LIVE, ["levels", loud, 10], ["levels", loud, 11.6]);
  assert.match(sentenceNow(still, 12).text, /too loud/);
  assert.equal(sentenceNow(still, 15), null);
});

test("a poor connection turns push-to-talk on and a good one turns it off again, but not what a person chose", () => {
  // the panel would show another mode than the session has, or take a choice away
  const poor = ["quality", { mode: "push-to-talk", said: "hold the button" }];
  const good = ["quality", { mode: "full" }];
  assert.equal(after(LIVE, poor).push, "up");
  assert.equal(after(LIVE, poor, good).push, "off");
  assert.equal(after(LIVE, ["push", "up"], good).push, "up");
  assert.equal(sentenceNow(after(LIVE, poor), 0).text, "Hold the button.");
});

const KEYS = [
  [" ", panelAtFirst(), "talk"],
  [" ", after(LIVE), "nothing"],
  [" ", after(LIVE, ["muted", true]), "unmute"],
  [" ", after(LIVE, ["push", "up"]), "push-down"],
  [" ", after(["status", { status: "held" }]), "resume"],
  [" ", after(["elsewhere", { session: "s" }]), "take"],
  ["m", after(LIVE), "mute"],
  ["M", after(LIVE, ["muted", true]), "unmute"],
  ["Escape", after(LIVE), "stop"],
  ["Escape", panelAtFirst(), null],
  ["a", after(LIVE), null],
];
for (const [key, state, action] of KEYS) {
  test(`the key ${JSON.stringify(key)} does ${action} when ${statusWord(state)}`, () => {
    // a key would do something else than the panel says
    assert.equal(keyAction(key, true, state), action);
  });
}

test("letting the space bar go ends push-to-talk and nothing else", () => {
  // the microphone would stay open
  assert.equal(keyAction(" ", false, after(LIVE, ["push", "down"])), "push-up");
  assert.equal(keyAction(" ", false, after(LIVE)), "nothing");
  assert.equal(mainAction(after(LIVE, ["push", "down"])).label, "Talking…");
});

test("quality is shown in people's units and marked where it is bad", () => {
  // a bad connection would look like a good one
  const quality = { roundTrip: 0.41, jitter: 0.0024, lost: 0.06, underruns: 0, codec: "opus", bitrate: 24000, mode: "full" };
  const figures = Object.fromEntries(qualityFigures(after(LIVE, ["quality", quality])).map(({ name, value, bad }) => [name, [value, bad]]));
  assert.deepEqual(figures, { "round trip": ["410 ms", true], jitter: ["2.4 ms", false], lost: ["6.0 %", true], underruns: ["0", false], codec: ["opus 24 kbit/s", false] });
  assert.deepEqual(qualityFigures(panelAtFirst()), []);
});

test("a way that was wished and did not come about is said for a while", () => {
  // who asked for WebRTC would believe to have it, or read of it all day
  const instead = { way: "webrtc", sentence: "WebRTC needs aiortc" };
  const live = panelAfter(panelAtFirst(), { what: "status", detail: { status: "live", way: "direct", instead }, now: 100 });
  assert.equal(sentenceNow(live, 101).text, "The sound goes by direct WebSocket, as WebRTC did not come about: WebRTC needs aiortc.");
  assert.equal(sentenceNow(live, 200), null);
});

test("a poor connection is said as long as it lasts, a good one for a while", () => {
  // nobody would know why a button has to be held, or "good again" would stand there for an hour
  const quality = (mode, said) => ["quality", { roundTrip: 1, lost: 0, mode, said }];
  const held = [LIVE, quality("push-to-talk", "hold the button"), quality("push-to-talk")];
  const poor = after(...held);
  assert.equal(sentenceNow({ ...poor, push: "down" }, 1e6).text, "Hold the button.");
  const good = after(...held, quality("full", "it is good again"), quality("full"));
  assert.equal(sentenceNow(good, 1).text, "It is good again.");
  assert.equal(sentenceNow(good, 1e6), null);
});

test("levels and confidences are drawn within their bounds", () => {
  // a meter would leave its frame
  assert.deepEqual([-200, -60, -30, 0, 3].map(meterShare), [0, 0, 0.5, 1, 1]);
  assert.deepEqual([1, 0.85, 0.7, 0.2].map(shadeOf), ["sure", "sure", "unsure", "doubtful"]);
});

const CSS = readFileSync(new URL("../../workbench/widgets/static/live.css", import.meta.url), "utf8");

/** The colours of a block of the style sheet, by name. */
function coloursAfter(selector) {
  const block = CSS.slice(CSS.indexOf(selector)).match(/\{([^}]*)\}/)[1];
  return Object.fromEntries([...block.matchAll(/--wb-([a-z-]+): (?:var\([^,]+, )?(#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour]));
}

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

for (const [theme, selector] of [["light", ".wb-live {"], ["dark", 'body[data-jp-theme-light="false"] .wb-live']]) {
  test(`the ${theme} theme's texts stand out from what is behind them (WCAG AA, 4.5 to 1)`, () => {
    // some could not read them, nobody could on a projector
    const colours = coloursAfter(selector);
    for (const text of ["ink", "faint", "caller", "agent", "early", "gone", "bad", "live-dot"]) {
      for (const behind of ["paper", "soft"]) {
        assert.ok(contrast(colours[text], colours[behind]) >= 4.5, `${text} on ${behind}: ${contrast(colours[text], colours[behind]).toFixed(2)}`);
      }
    }
    assert.ok(contrast("#ffffff", colours.press) >= 4.5);
    for (const bar of ["carrying", "listening", "thinking", "speaking"]) assert.ok(contrast(colours[bar], colours.paper) >= 3, bar);
  });
}

const NEAR = { protocol: "http:", hostname: "localhost", host: "localhost:8888" };
const WAYS = [
  ["a page on this computer", "ws://127.0.0.1:9000/k", "websocket", NEAR, ["direct", "proxied"]],
  ["a page of another computer", "ws://127.0.0.1:9000/k", "websocket", { protocol: "https:", hostname: "hub.example", host: "hub.example" }, ["proxied"]],
  ["an endpoint elsewhere", "wss://voice.example/k", "websocket", NEAR, ["direct"]],
  ["a wish for WebRTC", "ws://127.0.0.1:9000/k", "webrtc", NEAR, ["webrtc", "direct", "proxied"]],
];
for (const [name, endpoint, transport, page, expected] of WAYS) {
  test(`the ways for ${name} are ${expected}`, () => {
    // the browser would refuse the connection, or sound would take a detour
    const ways = waysTo({ endpoint, transport, basePath: "/user/ann/" }, page);
    assert.deepEqual(ways.map(({ way }) => way), expected);
    const proxied = ways.find(({ way }) => way === "proxied");
    if (proxied) assert.equal(proxied.url, `${page.protocol === "https:" ? "wss" : "ws"}://${page.host}/user/ann/proxy/9000/k/v1/session`);
  });
}

test("what goes by WebRTC is not coded by Opus twice", () => {
  // if it failed, each word would be coded, decoded and coded again, for nothing
  assert.equal(sessionCodec("opus", "webrtc"), "pcm16");
  assert.equal(sessionCodec("opus", "websocket"), "opus");
  assert.equal(sessionCodec("mulaw", "webrtc"), "mulaw"); // asked for because of how it sounds
});

test("the base path is the page's own, or else the kernel's", () => {
  // behind a hub, or in Voila, the proxy would not be found
  assert.equal(basePathOf('{"baseUrl": "/user/ann"}', "/"), "/user/ann/");
  assert.equal(basePathOf(null, "/voila/"), "/voila/");
  assert.equal(basePathOf("no JSON", ""), "/");
});

test("every refusal has a sentence of its own, unknown ones too", () => {
  // a person would read the name of an exception
  assert.match(refusalSentence({ name: "NotAllowedError" }), /blocked/);
  assert.match(refusalSentence(new Error("this browser has no Opus encoder; choose pcm16")), /^This browser has no Opus encoder; choose pcm16\.$/);
  assert.match(refusalSentence({}), /press Talk again/);
  assert.match(endSentence(undefined, undefined), /was lost/);
  assert.match(endSentence(1006, "the endpoint has fallen silent"), /^The connection ended: the endpoint has fallen silent;/);
});

test("a microphone is asked for with what the kernel wishes and the device chosen, and never with a camera", () => {
  // echo cancellation would be lost with the first choice, or a camera's light would go on
  assert.deepEqual(microphoneConstraints({ audio: { echoCancellation: true }, video: true }, "b"), { audio: { echoCancellation: true, deviceId: { exact: "b" } }, video: false });
  assert.deepEqual(microphoneConstraints({ audio: true }, ""), { audio: true, video: false });
  assert.deepEqual(microphonesOf([{ kind: "audioinput", label: "", deviceId: "" }, { kind: "audiooutput", label: "x", deviceId: "x" }]), []);
});

test("sound that the browser holds back is told, until it runs", () => {
  // after a reload a person would wait in silence
  const held = panelAfter(panelAtFirst(), { what: "sound", detail: { running: false, sentence: "click this page" } });
  assert.equal(held.said, "Click this page.");
  assert.equal(panelAfter(held, { what: "sound", detail: { running: true } }).said, "");
});
