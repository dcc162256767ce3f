// The live panel in a page: from a press of Talk to its end, and every way it can be kept from it.
import assert from "node:assert/strict";
import test from "node:test";

import { REFUSALS } from "../../workbench/widgets/static/live_sentences.js";
import { LivePanel } from "../../workbench/widgets/static/live_panel.js";
import { FakeModel, FakeSession, FakeSource, answering, fakePage, settled } from "./live_fakes.mjs";

function made({ model: state = {}, source = {}, page = {}, kernel = {} } = {}) {
  FakeSession.made = [];
  const child = new FakeSource(source);
  const model = new FakeModel(state, child);
  model.kernel = answering(kernel);
  const world = page instanceof EventTarget ? page : fakePage(page);
  const panel = new LivePanel(model, { open: (wish) => new FakeSession(wish), page: world });
  return { panel, model, child, page: world, session: () => FakeSession.made.at(-1) };
}

async function live(given) {
  const all = made(given);
  all.panel.begin();
  await all.panel.talk();
  all.session().tell("status", { status: "connecting", way: "direct" });
  all.session().tell("welcome", { session: "s", how: "opened", hold: 120 });
  all.session().tell("status", { status: "live", way: "direct" });
  return all;
}

const closing = (all) => { all.panel.close(); };

test("Talk opens a session with the panel's assistant, a token of the kernel and the near way", async () => {
  // a press would lead nowhere, or elsewhere
  const all = await live();
  const { wish } = all.session();
  assert.equal(await wish.token(), "t");
  assert.deepEqual(wish.ways[0], { way: "direct", url: "ws://127.0.0.1:9/x/v1/session" });
  assert.equal(wish.open.assistant, "coffee");
  assert.equal(all.panel.state.phase, "live");
  assert.equal(all.model.get("session"), "s");
  assert.ok(all.model.sent.some((message) => message.kind === "opened" && message.session === "s"));
  closing(all);
});

test("a session by WebRTC is opened with a codec that WebRTC does not code again", async () => {
  // the endpoint would code by Opus what it has just decoded from Opus
  const all = await live({ model: { codec: "opus", transport: "webrtc" } });
  assert.equal(all.session().wish.codec, "pcm16");
  assert.equal(all.session().wish.ways[0].way, "webrtc");
  closing(all);
});

const REFUSED = [
  ["NotAllowedError", { source: { refusal: { name: "NotAllowedError" } } }],
  ["NotFoundError", { source: { refusal: { name: "NotFoundError" } } }],
  ["NotReadableError", { source: { refusal: { name: "NotReadableError" } } }],
  ["insecure-page", { page: { secure: false, media: false } }],
  ["old-browser", { page: { worklet: false } }],
  ["endpoint-down", { kernel: { check: { reason: "endpoint-down" } } }],
  ["wrong-token", { kernel: { check: { reason: "wrong-token" } } }],
  ["no-source", { model: { source: "IPY_MODEL_gone" } }],
];
for (const [reason, given] of REFUSED) {
  test(`a refusal (${reason}) is one sentence, opens nothing, and lets the microphone go`, async () => {
    // a person would be left with a dead button, or a light that says the microphone is on
    const all = made(given);
    all.panel.begin();
    await all.panel.talk();
    await settled();
    assert.equal(all.panel.state.phase, "failed");
    assert.equal(all.panel.state.sentence, REFUSALS[reason]);
    assert.equal(FakeSession.made.length, 0);
    assert.ok(!all.child.stream || all.child.stream.track.stopped);
    closing(all);
  });
}

test("after a refused microphone Talk asks again", async () => {
  // a permission given later would never count: the source keeps its first answer
  const all = made({ source: { refusal: { name: "NotAllowedError" } } });
  all.panel.begin();
  await all.panel.talk();
  all.child.refusal = null;
  await all.panel.talk();
  assert.equal(all.child.asked, 2);
  assert.equal(FakeSession.made.length, 1);
  closing(all);
});

test("a busy kernel keeps nobody from talking: the token was fetched before", async () => {
  // talking would wait for a cell to end
  const all = made();
  all.panel.begin();
  await settled();
  all.model.kernel = null;
  const began = Date.now();
  await all.panel.talk();
  assert.equal(await all.session().wish.token(), "t");
  assert.ok(Date.now() - began < 5000);
  closing(all);
});

test("Stop ends the session, lets the microphone go and forgets what a reload needs", async () => {
  // the light of the microphone would stay on, or a reload would begin a session nobody asked for
  const all = await live();
  all.panel.keep();
  assert.equal(all.page.sessionStorage.items.size, 1);
  await all.panel.stop();
  assert.deepEqual(all.session().done.slice(-1), ["stop"]);
  assert.ok(all.child.stream.track.stopped);
  assert.equal(all.page.sessionStorage.items.size, 0);
  assert.equal(all.model.get("session"), "");
  assert.equal(all.panel.state.phase, "ended");
  closing(all);
});

test("a page that is loaded again goes on with its session and its transcript", async () => {
  // a reload would lose the conversation
  const all = await live();
  all.session().tell("event", { seq: 0, at: 0, turn: 0, type: "final-transcript", text: "A latte.", words: [{ text: "A", confidence: 1 }] });
  all.page.dispatchEvent(new Event("pagehide"));
  const kept = all.page;
  clearInterval(all.panel.keeping);
  const again = made({ page: kept, model: { session: "s" } });
  again.panel.begin();
  await settled();
  assert.deepEqual(again.session().wish.state, { session: "s", handle: "h" });
  assert.equal(again.panel.state.conversation.turns[0].utterances[0].words[0].text, "A");
  closing(again);
});

test("a second tab follows what is said, says where the sound is, and can take it over", async () => {
  // two tabs would fight over the microphone, or one would show nothing
  const all = made({ model: { session: "s" }, page: { taken: false }, kernel: { state: { session: "s", handle: "h" } } });
  all.panel.begin();
  await settled();
  assert.equal(all.panel.state.phase, "elsewhere");
  assert.ok(all.model.sent.some((message) => message.kind === "follow" && message.since === 0));
  const event = { seq: 0, at: 0, turn: 0, type: "final-transcript", text: "A latte.", words: [{ text: "A", confidence: 1 }] };
  all.model.trigger("msg:custom", { kind: "events", session: "s", events: [event] });
  assert.equal(all.panel.state.conversation.turns.length, 1);
  assert.equal(FakeSession.made.length, 0);
  all.panel.act("main", {});
  await settled();
  assert.deepEqual(all.session().wish.state, { session: "s", handle: "h" });
  closing(all);
});

test("a tab whose session is taken over leaves it, hands over what resumes it, and follows", async () => {
  // both tabs would play the reply, or the session would end
  const all = await live();
  all.model.trigger("msg:custom", { kind: "hand-over", ask: 7, page: "other" });
  await new Promise((resolve) => { setTimeout(resolve, 450); });
  await settled();
  const handed = all.model.sent.find((message) => message.kind === "handed");
  assert.deepEqual([handed.ask, handed.to, handed.state], [7, "other", { session: "s", handle: "h" }]);
  assert.equal(all.session().done[1], "suspend");
  assert.equal(all.panel.state.phase, "elsewhere");
  assert.ok(all.child.stream.track.stopped);
  assert.equal(all.model.get("session"), "s");
  closing(all);
});

test("close code 4409 tells the first tab that the sound has moved", async () => {
  // it would say that the connection was lost, and invite a fight over the session
  const all = await live();
  all.session().tell("status", { status: "ended", code: 4409 });
  await settled();
  assert.equal(all.panel.state.phase, "elsewhere");
  assert.match(all.panel.state.sentence, /moved to another tab/);
  closing(all);
});

test("a session that never came about says what the kernel finds out", async () => {
  // a browser does not tell a page why its WebSocket was refused
  const all = made();
  all.panel.begin();
  await all.panel.talk();
  all.model.kernel = answering({ check: { reason: "wrong-token" } });
  all.session().tell("status", { status: "failed", code: 1006 });
  await settled();
  assert.equal(all.panel.state.sentence, REFUSALS["wrong-token"]);
  closing(all);
});

test("a kernel that gives no token is told of in its own words, or as gone", async () => {
  // a person would be told to press Talk again and again
  for (const [kernel, expected] of [[{ token: null }, /^A page of no origin gets no token\.$/], [null, /kernel does not answer/]]) {
    const all = made();
    all.model.kernel = kernel && ((message, tell) => message.kind === "token" && queueMicrotask(() => tell({ kind: "answer", ask: message.ask, page: message.page, reason: "no-token", sentence: "a page of no origin gets no token" })));
    all.panel.kernel.stock = kernel ? all.panel.kernel.stock : async () => null;
    await all.panel.talk();
    await assert.rejects(all.session().wish.token());
    all.session().tell("status", { status: "failed", code: 1006, sentence: "no session token was to be had" });
    await settled();
    assert.match(all.panel.state.sentence, expected);
    closing(all);
  }
});

test("a file that plays the caller waits for the session and then plays once, from its beginning", async () => {
  // its first words would be lost while the session is being opened, or it would interrupt its own answer
  const media = { currentTime: 3, loop: true, played: 0, pause() { this.paused = true; }, async play() { this.played += 1; } };
  const all = made({ source: { kind: "AudioStreamModel", media } });
  all.panel.begin();
  await all.panel.talk();
  assert.deepEqual([media.paused, media.currentTime, media.loop, media.played], [true, 0, false, 0]);
  all.session().tell("status", { status: "live", way: "direct" });
  all.session().tell("status", { status: "live", way: "direct" });
  assert.equal(media.played, 1);
  assert.equal(all.panel.state.picker, false);
  all.child.createView = () => {};
  await all.panel.stop();
  await all.panel.talk();
  assert.deepEqual([all.child.createView, all.child.playing], [undefined, false]); // what was played out gives silence
  closing(all);
});

test("choosing another microphone changes the constraints and the session's source", async () => {
  // the picker would be for show
  const all = await live();
  await all.panel.chooseDevice("b");
  assert.deepEqual(all.child.constraints.audio, { echoCancellation: true, deviceId: { exact: "b" } });
  assert.equal(all.session().stream, all.child.stream);
  closing(all);
});

test("a microphone that is unplugged is told of", async () => {
  // a person would talk to nobody
  const all = await live();
  all.child.stream.track.dispatchEvent(new Event("ended"));
  await settled();
  assert.equal(all.panel.state.phase, "failed");
  assert.match(all.panel.state.sentence, /choose another one/);
  closing(all);
});

test("keys talk, mute and stop, and leave a picker's own keys alone", async () => {
  // a key would do nothing, or choosing a microphone by its letter would mute
  const all = await live();
  const root = { closest: () => null };
  const pressed = (key, type = "keydown", target = root) => {
    let kept = true;
    all.panel.act("key", { key, type, target, preventDefault: () => { kept = false; }, stopPropagation() {} });
    return kept;
  };
  assert.equal(pressed("m"), false);
  assert.equal(all.panel.state.muted, true);
  assert.equal(pressed(" "), false);
  assert.equal(all.panel.state.muted, false);
  const select = { closest: () => ({ tagName: "SELECT", classList: { contains: () => false } }) };
  assert.equal(pressed("m", "keydown", select), true);
  all.panel.act("push", {});
  pressed(" ");
  assert.equal(all.panel.state.push, "down");
  pressed(" ", "keyup");
  assert.equal(all.panel.state.push, "up");
  assert.equal(pressed("Escape"), false);
  await settled();
  assert.equal(all.panel.state.phase, "ended");
  assert.equal(pressed("x"), true);
  closing(all);
});

test("push-to-talk is held by the mouse wherever the focus goes, and ends with the focus when a key holds it", async () => {
  // a press would be cut as the button takes the focus, or the microphone stay open in another cell
  const all = await live();
  all.panel.act("push", {});
  const away = { relatedTarget: null, currentTarget: { contains: () => false } };
  all.panel.act("main-down", {});
  all.panel.act("left", away);
  assert.equal(all.panel.state.push, "down");
  all.panel.act("main-up", {});
  assert.equal(all.panel.state.push, "up");
  const root = { closest: () => null };
  all.panel.act("key", { key: " ", type: "keydown", target: root, preventDefault() {}, stopPropagation() {} });
  all.panel.act("left", { relatedTarget: {}, currentTarget: { contains: () => true } });
  assert.equal(all.panel.state.push, "down");
  all.panel.act("left", away);
  assert.equal(all.panel.state.push, "up");
  closing(all);
});

test("the kernel can stop the session, and a kernel that sees its end frees the other tabs", async () => {
  // panel.stop() would do nothing, or a tab would wait for a session that is over
  const all = await live();
  all.model.trigger("msg:custom", { kind: "stop" });
  await settled();
  assert.equal(all.panel.state.phase, "ended");
  const other = made({ model: { session: "s" } });
  other.panel.begin();
  other.model.set("session", "");
  assert.equal(other.panel.state.phase, "ended");
  closing(all);
  closing(other);
});

test("the kernel's settings of turn taking go to the session of the tab that has one", async () => {
  // Apply in the tuner would change nothing
  const all = await live();
  all.model.trigger("msg:custom", { kind: "tune", settings: { "early.confidence": 0.8 } });
  assert.deepEqual(all.session().done.at(-1), { "early.confidence": 0.8 });
  closing(all);
  const idle = made();
  idle.panel.begin();
  idle.model.trigger("msg:custom", { kind: "tune", settings: {} });
  assert.equal(idle.session(), undefined);
  closing(idle);
});

const KEPT = { session: "s", how: "opened", hold: 120, consent: "full", asks: "none", stored: true, records: true };
const key = (name, type = "keydown") => ({ type, key: name, target: { closest: () => null }, preventDefault() {}, stopPropagation() {} });

test("consent is withdrawn only once that was confirmed, and the endpoint is told how far", async () => {
  // one wrong press would delete what can't be had again, or nothing would reach the endpoint
  const all = await live();
  all.session().tell("welcome", KEPT);
  const sent = () => all.session().done.filter((one) => one.consent);
  all.panel.act("withdraw", {});
  assert.equal(all.panel.state.keeping.step, "confirming");
  all.panel.act("withdraw-not", {});
  assert.equal(all.panel.state.keeping.step, "");
  assert.deepEqual(sent(), []);
  all.panel.act("withdraw", {});
  all.panel.act("withdraw-sound", {});
  assert.deepEqual([sent(), all.panel.state.keeping.step], [[{ consent: "transcript" }], "waiting"]);
  all.session().tell("event", { seq: 0, at: 0, turn: 0, type: "consent-settled", level: "transcript", how: "withdrawn" });
  all.panel.act("withdraw", {});
  all.panel.act("withdraw-all", {});
  assert.deepEqual(sent().at(-1), { consent: "none" });
  closing(all);
});

test("Escape leaves the question whether consent is to be withdrawn, not the session", async () => {
  // whoever thinks better of it would lose the conversation
  const all = await live();
  all.session().tell("welcome", KEPT);
  all.panel.act("withdraw", {});
  all.panel.act("key", key("Escape"));
  all.panel.act("key", key("Escape", "keyup"));
  assert.deepEqual([all.panel.state.keeping.step, all.panel.state.phase], ["", "live"]);
  all.panel.act("key", key("Escape"));
  await settled();
  assert.equal(all.panel.state.phase, "ended");
  closing(all);
});

test("whoever is asked may answer by a button: with what was asked for, or with nothing", async () => {
  // a caller who can't or won't say it would have no say
  const all = await live({ model: { settings: { persistent: true } } });
  all.session().tell("welcome", { ...KEPT, consent: "asked", asks: "transcript", stored: false });
  all.panel.act("consent-yes", {});
  assert.deepEqual(all.session().done.at(-1), { consent: "transcript" });
  assert.equal(all.panel.state.keeping.persistent, true);
  all.panel.act("consent-no", {});
  assert.deepEqual(all.session().done.at(-1), { consent: "none" });
  closing(all);
});

test("the kernel's withdrawal goes to the session of the tab that has one", async () => {
  // a cell would withdraw nothing
  const all = await live();
  all.session().tell("welcome", KEPT);
  all.model.trigger("msg:custom", { kind: "consent", level: "none" });
  assert.deepEqual([all.session().done.at(-1), all.panel.state.keeping.step], [{ consent: "none" }, "waiting"]);
  closing(all);
});
