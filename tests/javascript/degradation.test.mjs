import assert from "node:assert/strict";
import test from "node:test";

import { Degradation, DEGRADATION, modeOf, sentenceOf, stepsOf } from "../../workbench/widgets/static/degradation.js";

const GOOD = { roundTrip: 0.05, jitter: 0.005, lost: 0, underruns: 0, behind: 0 };
const LOSSY = { ...GOOD, lost: 0.05 };
const AWFUL = { ...GOOD, lost: 0.3 };
const FAIR = { ...GOOD, lost: 0.02 };

/** Return the step after each second of `samples`, and the second of the next. */
function run(decider, samples, from = 0) {
  return samples.map((sample, n) => decider.decide(from + n, sample));
}

const times = (count, sample) => Array.from({ length: count }, () => sample);

test("it steps down one step after three poor seconds, and at once when it is bad", () => {
  // if it failed, speech would stay broken, or one bad second would change everything
  const rtc = stepsOf("webrtc", "opus");
  assert.deepEqual(run(new Degradation(rtc), times(4, LOSSY)), ["full", "full", "low-bitrate", "low-bitrate"]);
  assert.deepEqual(run(new Degradation(rtc), times(3, AWFUL)), ["low-bitrate", "push-to-talk", "push-to-talk"]);
  assert.deepEqual(run(new Degradation(rtc), [LOSSY, GOOD, LOSSY, ...times(5, GOOD)]), times(8, "full"));
});

test("it steps up only after ten good seconds in a row", () => {
  // if it failed, it would go back and forth with each gust
  const decider = new Degradation(stepsOf("webrtc", "opus"));
  run(decider, times(3, LOSSY));
  assert.deepEqual(new Set(run(decider, [...times(9, GOOD), FAIR, ...times(10, GOOD)], 3)), new Set(["low-bitrate"]));
  assert.equal(decider.decide(23, GOOD), "full");
});

test("what is neither good nor poor keeps the step", () => {
  // if it failed, a network at the edge would be stepped down and up for ever
  const decider = new Degradation(stepsOf("webrtc", "opus"));
  run(decider, times(3, LOSSY));
  assert.deepEqual(new Set(run(decider, times(300, FAIR), 3)), new Set(["low-bitrate"]));
});

test("a step up that did not last makes the next one wait twice as long", () => {
  // if it failed, a caller would be told every ten seconds to press a button, and not to
  const decider = new Degradation(["full", "push-to-talk"]);
  let now = 0;
  const step = (sample, until) => {
    for (let n = 0; ; n++) {
      now += 1;
      if (decider.decide(now, sample) === until) return n;
      assert.ok(n < 1000, `never ${until}`);
    }
  };
  const waits = Array.from({ length: 7 }, () => (step(LOSSY, "push-to-talk"), step(GOOD, "full")));
  assert.deepEqual(waits.slice(0, 3), [10, 20, 40]);
  assert.equal(waits.at(-1), DEGRADATION.upMost);
});

test("over the WebSocket only what helps there is done", () => {
  // if it failed, bytes would be added to a pipe that is full
  assert.deepEqual(stepsOf("websocket", "pcm16"), ["full", "push-to-talk"]);
  assert.deepEqual(stepsOf("websocket", "opus"), ["full", "low-bitrate", "push-to-talk"]);
});

test("each step has a mode and a sentence", () => {
  // if it failed, the panel would show nothing, or "undefined"
  for (const [transport, codec] of [["webrtc", "pcm16"], ["websocket", "opus"], ["websocket", "mulaw"]]) {
    for (const step of stepsOf(transport, codec)) {
      assert.ok(["full", "reduced", "push-to-talk"].includes(modeOf(step)));
      for (const up of [true, false]) assert.match(sentenceOf(step, up, transport, codec), /^[a-z].{20,}[^.]$/);
    }
  }
});

test("what a way or a codec can't do against a poor network is said, not passed over", () => {
  // if it failed, a caller would wait for words to come back that WebRTC here never brings, or never try Opus
  assert.match(sentenceOf("low-bitrate", false, "webrtc", "pcm16"), /fewer bits; by WebRTC the endpoint can't restore what is lost/);
  assert.match(sentenceOf("low-bitrate", false, "websocket", "opus"), /fewer bits; nothing is lost this way/);
  assert.match(sentenceOf("push-to-talk", false, "websocket", "mulaw"), /hold the button .* mulaw has no lower bitrate, opus would have$/);
  assert.match(sentenceOf("push-to-talk", false, "websocket", "opus"), /while you speak$/);
});
