import assert from "node:assert/strict";
import test from "node:test";

import { RtcHeard } from "../../workbench/widgets/static/rtc_heard.js";
import { rtcQuality, rtcSample } from "../../workbench/widgets/static/rtc_quality.js";
import { withoutLocalNames } from "../../workbench/widgets/static/rtc_sdp.js";
import { signallingUrl } from "../../workbench/widgets/static/transport.js";

const RATE = 24_000;
const DELAY = 0.1;
const playing = (reply, position) => ({ type: "voice", reply, position, state: "playing" });
const silent = (reply, position) => ({ type: "voice", reply, position, state: "silent" });
const control = (action, reply, samples = 0) => ({ action, reply, samples });
const brief = (reports) => reports.map(({ state, reply, heard, reason }) => [state, reply, heard, reason]);

test("a reply is heard a delay after it was sent, and told of five times a second", () => {
  // if it failed, the endpoint would think more, or less, was heard than was
  const heard = new RtcHeard(RATE);
  heard.voice(playing(1, 0), 10.5, DELAY);
  assert.deepEqual(heard.reports(10.59), []);
  assert.deepEqual(brief(heard.reports(10.65)), [["started", 1, 0, ""]]);
  assert.deepEqual(brief(heard.reports(10.7)), []);
  const [report] = heard.reports(10.85);
  assert.equal(report.state, "playing");
  assert.equal(report.heard, Math.round(0.25 * RATE));
  heard.control(control("end", 1, 12_000), 10.9);
  heard.voice(silent(1, 12_000), 11.0, DELAY);
  assert.deepEqual(brief(heard.reports(11.2)), [["stopped", 1, 12_000, "finished"]]);
  assert.deepEqual(brief(heard.reports(20)), []);
});

test("never more is heard than a reply has", () => {
  // if it failed, the endpoint would refuse the report
  const heard = new RtcHeard(RATE);
  heard.control(control("end", 1, 1_000), 0);
  heard.voice(playing(1, 0), 0, DELAY);
  heard.reports(0.1);
  assert.equal(heard.reports(5)[0].heard, 1_000);
});

test("a barge-in stops a reply at the sample where the endpoint silenced it", () => {
  // if it failed, words nobody heard would count as said
  const heard = new RtcHeard(RATE);
  heard.voice(playing(1, 0), 0, DELAY);
  heard.reports(0.1);
  heard.control(control("flush", 1), 1);
  heard.voice(silent(1, 24_300), 1.01, DELAY);
  assert.deepEqual(brief(heard.reports(1.05)), [["playing", 1, 22_800, ""]]);
  assert.deepEqual(brief(heard.reports(1.2)), [["stopped", 1, 24_300, "barge-in"]]);
  heard.voice(playing(2, 0), 2, DELAY);
  assert.deepEqual(brief(heard.reports(2.1)), [["started", 2, 0, ""]]);
});

test("a reply silenced before it sounded was not heard at all", () => {
  // if it failed, it would be waited for for ever
  const heard = new RtcHeard(RATE);
  heard.control(control("flush", 3), 1);
  assert.deepEqual(brief(heard.reports(1)), [["stopped", 3, 0, "barge-in"]]);
  heard.voice(playing(3, 0), 1.1, DELAY); // late words of it mean nothing
  heard.voice(silent(3, 20), 1.1, DELAY);
  assert.deepEqual(heard.reports(2), []);
});

test("a reply silenced in the moment it begins to sound is stopped once", () => {
  // if it failed, it would count as heard to its end
  const heard = new RtcHeard(RATE);
  heard.voice(playing(1, 0), 1, DELAY);
  heard.control(control("flush", 1), 1.02);
  heard.voice(silent(1, 480), 1.03, DELAY);
  assert.deepEqual(brief(heard.reports(2)), [["started", 1, 0, ""], ["stopped", 1, 480, "barge-in"]]);
});

test("a pause is told as one, a gap in the sound as an underrun", () => {
  // if it failed, a slow endpoint would look like a hesitating assistant
  const heard = new RtcHeard(RATE);
  heard.voice(playing(1, 0), 0, DELAY);
  heard.control(control("pause", 1), 1);
  heard.voice(silent(1, 24_000), 1, DELAY);
  heard.control(control("resume", 1), 1.5);
  heard.voice(playing(1, 24_000), 1.5, DELAY);
  assert.deepEqual(brief(heard.reports(1.6)).filter(([state]) => state !== "playing"), [
    ["started", 1, 0, ""], ["paused", 1, 24_000, ""], ["resumed", 1, 24_000, ""],
  ]);
  heard.voice(silent(1, 36_000), 2, DELAY);
  heard.voice(playing(1, 36_000), 2.25, DELAY);
  const reports = heard.reports(2.6);
  assert.deepEqual(brief(reports.slice(-1)), [["playing", 1, 42_000, ""]]);
  assert.equal(reports.at(-1).underrun, 6_000);
});

test("a reply whose end is told late is finished then, one that another follows by that", () => {
  // if it failed, the caller's next words would count as barge-in for ever
  const heard = new RtcHeard(RATE);
  heard.voice(playing(1, 0), 0, DELAY);
  heard.voice(silent(1, 2_400), 0.1, DELAY);
  heard.reports(0.3);
  heard.control(control("end", 1, 2_400), 0.4);
  assert.deepEqual(brief(heard.reports(0.4)), [["stopped", 1, 2_400, "finished"]]);
  heard.voice(playing(2, 0), 1, DELAY);
  heard.voice(silent(2, 480), 1.02, DELAY);
  heard.voice(playing(3, 0), 1.02, DELAY);
  assert.deepEqual(brief(heard.reports(1.2)).filter(([state]) => state !== "playing"), [
    ["started", 2, 0, ""], ["stopped", 2, 480, "finished"], ["started", 3, 0, ""],
  ]);
});

test("what plays when all ends was stopped by that", () => {
  // if it failed, the last reply would have no end
  const heard = new RtcHeard(RATE);
  heard.voice(playing(1, 4_800), 0, DELAY);
  assert.deepEqual(brief(heard.close(0.6)).at(-1), ["stopped", 1, 4_800 + 12_000, "closed"]);
  assert.deepEqual(heard.close(1), []);
});

test("an offer names no .local", () => {
  // if it failed, each connection would begin a second later
  const sdp = [
    "v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "a=candidate:1 1 udp 2113937151 6f1b0a3e-8a6f.local 54321 typ host generation 0",
    "a=candidate:2 1 udp 2113937151 192.0.2.7 54322 typ host generation 0", "a=mid:0", "",
  ].join("\r\n");
  const left = withoutLocalNames(sdp);
  assert.ok(!left.includes(".local"));
  assert.ok(left.includes("192.0.2.7"));
  assert.ok(left.endsWith("a=mid:0\r\n"));
  assert.equal(withoutLocalNames(left), left);
});

test("quality is that of the last second, of the worse direction", () => {
  // if it failed, a panel would show a good connection while words get lost
  const report = (scale) => [
    { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.02 },
    { type: "outbound-rtp", packetsSent: 50 * scale, bytesSent: 4_000 * scale },
    { type: "remote-inbound-rtp", packetsLost: 5 * scale },
    { type: "inbound-rtp", jitter: 0.004, packetsReceived: 49 * scale, packetsLost: scale, concealedSamples: 5_000 * scale, silentConcealedSamples: 3_000 * scale, jitterBufferDelay: 4_800 * scale, jitterBufferEmittedCount: 48_000 * scale },
  ];
  const quality = rtcQuality(rtcSample(report(1), 1), rtcSample(report(2), 2));
  assert.deepEqual(quality, { roundTrip: 0.02, jitter: 0.004, lost: 0.1, underruns: 2, buffered: 0.1, bitrate: 32_000 });
  assert.equal(rtcQuality(rtcSample([], 1), rtcSample([], 2)).lost, 0);
});

test("an offer is posted beside the WebSocket, below the same prefix", () => {
  // if it failed, it would be asked for where there is nothing
  assert.equal(signallingUrl("ws://127.0.0.1:8765/secret/v1/session"), "http://127.0.0.1:8765/secret/v1/webrtc");
  assert.equal(signallingUrl("wss://hub.example/user/x/proxy/1/v1/session"), "https://hub.example/user/x/proxy/1/v1/webrtc");
});
