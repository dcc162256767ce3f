// What the panel says is kept: that it is so, and that what can be done about it is offered.
import assert from "node:assert/strict";
import test from "node:test";

import { keepingAfter, keepingOf, keptSentence, mayWithdraw, mayWithdrawSound, withdrawingAfter } from "../../workbench/widgets/static/live_keeping.js";
import { panelAfter, panelAtFirst } from "../../workbench/widgets/static/live_state.js";
import { LiveView } from "../../workbench/widgets/static/live_view.js";
import { fakeHost } from "./live_fakes.mjs";

const told = (given) => keepingOf({ session: "s", consent: "full", asks: "none", stored: true, records: true, ...given }, null);
const settledAt = (level, how) => ({ type: "consent-settled", level, how });

const SAID = [
  [{}, "The endpoint keeps the words and the sound of this conversation.", true, true],
  [{ records: false }, "The endpoint keeps the words of this conversation, no sound.", true, false],
  [{ consent: "transcript" }, "The endpoint keeps the words of this conversation, no sound.", true, false],
  [{ stored: false }, "The endpoint keeps the words and the sound of this conversation.", true, false],
  [{ stored: false, consent: "transcript" }, "The endpoint keeps nothing of this conversation.", false, false],
  [{ stored: false, records: false }, "The endpoint keeps nothing of this conversation.", false, false],
  [{ consent: "none", stored: false }, "The endpoint keeps nothing of this conversation.", false, false],
  [{ consent: "asked", asks: "full", stored: false }, "The endpoint keeps nothing until you have said whether it may.", false, false],
];
for (const [given, sentence, some, sound] of SAID) {
  test(`what is kept is said as it is: ${JSON.stringify(given)}`, () => {
    // a caller would believe that less is kept than is
    const keeping = told(given);
    assert.equal(keptSentence(keeping, true), sentence);
    assert.deepEqual([mayWithdraw(keeping), mayWithdrawSound(keeping)], [some, sound]);
  });
}

test("it is said to be deleted once the endpoint says so, not before", () => {
  // a caller would believe that something is gone which is there
  const waiting = withdrawingAfter(told({}), "none");
  assert.equal(keptSentence(waiting, true), "What was kept is being deleted; nothing more is kept.");
  const again = keepingOf({ session: "s", consent: "none", asks: "none", stored: false, records: true }, waiting);
  assert.equal(keptSentence(again, true), keptSentence(waiting, true));
  const sound = keepingAfter(waiting, settledAt("transcript", "withdrawn")); // of an earlier one
  assert.equal(sound.step, "waiting");
  const done = keepingAfter(again, settledAt("none", "withdrawn"));
  assert.equal(keptSentence(done, true), "What was kept is deleted. The endpoint keeps nothing of this conversation.");
  assert.equal(keptSentence(done, false), "What was kept is deleted. The endpoint has kept nothing of this conversation.");
  const less = keepingAfter(withdrawingAfter(told({}), "transcript"), settledAt("transcript", "withdrawn"));
  assert.equal(keptSentence(less, true), "The sound is deleted. The endpoint keeps the words of this conversation, no sound.");
});

test("a session that ends before says how to find out", () => {
  // nobody would know whether it was deleted
  assert.match(keptSentence(withdrawingAfter(told({}), "none"), false), /verify-deleted s” tells/);
});

test("an answer counts, spoken or pressed", () => {
  // the panel would go on asking what was answered, or say that nothing is kept while it is
  const asked = told({ consent: "asked", asks: "full", stored: false, persistent: true });
  assert.equal(keptSentence(withdrawingAfter(asked, "full"), true), "Your answer is on its way.");
  for (const keeping of [asked, withdrawingAfter(asked, "full")]) {
    const yes = keepingAfter(keeping, settledAt("full", "answered"));
    assert.equal(keptSentence(yes, true), "The endpoint keeps the words and the sound of this conversation.");
    assert.ok(mayWithdraw(yes));
  }
  assert.equal(keptSentence(keepingAfter(asked, settledAt("none", "client")), true), "The endpoint keeps nothing of this conversation.");
});

test("what the endpoint did not take is said", () => {
  // a refused withdrawal would look like one that is under way
  const refused = keepingAfter(withdrawingAfter(told({}), "transcript"), { type: "error", code: "bad-consent" });
  assert.match(keptSentence(refused, true), /did not take it/);
  assert.ok(mayWithdraw(refused));
});

function shown(notes) {
  const acts = [];
  const view = new LiveView(fakeHost(), { act: (action) => acts.push(action) });
  let state = panelAtFirst();
  const tell = (what, detail) => {
    state = panelAfter(state, { what, detail });
    view.show(state, 0);
  };
  view.show(state, 0);
  for (const [what, detail] of notes) tell(what, detail);
  return { row: view.keeping, acts, tell, view, focused: () => view.root.ownerDocument.activeElement };
}

const LIVE = ["status", { status: "live", way: "direct" }];
const WELCOME = ["welcome", { session: "s", how: "opened", consent: "full", asks: "none", stored: true, records: true }];
const offered = (row) => [row.withdraw, row.yes, row.no, row.all, row.sound, row.not].filter((one) => {
  for (let node = one; node; node = node.parentNode) if (node.hasAttribute("hidden")) return false;
  return true;
}).map((one) => one.getAttribute("aria-label") ?? one.textContent);

test("the row offers what can be done now, and nothing else", () => {
  // a button would do nothing, or there would be none
  assert.deepEqual(offered(shown([]).row), []);
  const { row, tell } = shown([LIVE, WELCOME]);
  assert.deepEqual(offered(row), ["Withdraw consent"]);
  tell("withdraw", true);
  assert.deepEqual(offered(row), ["Delete all", "Delete the sound only", "Leave it"]);
  tell("withdrawing", "none");
  assert.deepEqual(offered(row), []);
  assert.deepEqual(offered(shown([LIVE, ["welcome", { ...WELCOME[1], consent: "asked", asks: "full" }]]).row), ["It may be kept", "Keep nothing"]);
  tell("stopped");
  assert.deepEqual(offered(row), []);
  tell("elsewhere", { session: "s" });
  assert.ok(row.root.hasAttribute("hidden"));
});

test("the focus goes to the answer that changes nothing, and is never lost", () => {
  // a second press of Enter would delete, or a screen reader would be thrown to the top of the page
  const { row, tell, view, acts, focused } = shown([LIVE, WELCOME]);
  row.withdraw.focus();
  row.withdraw.dispatch("click");
  tell("withdraw", true);
  assert.equal(focused(), row.not);
  assert.equal(row.confirm.getAttribute("aria-label"), "Delete what was kept, and keep no more? That can't be undone.");
  row.not.dispatch("click");
  tell("withdraw", false);
  assert.equal(focused(), row.withdraw);
  tell("withdraw", true);
  row.all.focus();
  row.all.dispatch("click");
  tell("withdrawing", "none");
  assert.equal(focused(), view.root);
  assert.deepEqual(acts, ["withdraw", "withdraw-not", "withdraw-all"]);
  assert.equal(row.said.getAttribute("role"), "status");
});
