import assert from "node:assert/strict";
import test from "node:test";

import { formatsOf } from "../../workbench/widgets/static/codec.js";
import { DeviceClock } from "../../workbench/widgets/static/device_clock.js";
import { distantTransport, serveTransport } from "../../workbench/widgets/static/distant.js";
import { opusProblem } from "../../workbench/widgets/static/opus.js";
import { browserProblem, PageSession } from "../../workbench/widgets/static/page_session.js";
import { said } from "../../workbench/widgets/static/socket.js";

const URL = "wss://lab.example/user/me/proxy/4000/secret/v1/session";

test("a refusal is told in the gateway's words, and never with the secret path", () => {
  // if it failed, a person would see a number, or the path that lets others in
  const refused = said(401, { error: { code: 401, message: "the session token has expired" } }, URL);
  assert.deepEqual(refused, { status: 401, sentence: "the endpoint refused the connection: the session token has expired" });
  assert.match(said(404, null, URL).sentence, /^nothing is offered at lab\.example: is jupyter-server-proxy installed\?$/);
  assert.match(said(502, null, URL).sentence, /^no endpoint answers behind lab\.example \(status 502\)/);
  for (const status of [200, 404, 500]) assert.doesNotMatch(said(status, null, URL).sentence, /secret/);
});

test("an old browser is told what it lacks", async () => {
  // if it failed, an error of the browser's own words would be all there is
  assert.match(browserProblem(), /^this page came by plain http/);
  globalThis.isSecureContext = true;
  try {
    assert.match(browserProblem(), /^this browser has no AudioWorklet/);
  } finally {
    delete globalThis.isSecureContext;
  }
  assert.match(await opusProblem(), /^this browser has no WebCodecs/);
  const session = new PageSession({ ways: [], token: async () => "", open: { assistant: "coffee" }, on: () => {} });
  await assert.rejects(session.start(null), /plain http/);
});

test("a codec nobody knows is refused", () => {
  // if it failed, a session would open whose sound is noise
  assert.throws(() => formatsOf("flac"), /^RangeError: codec flac, expected pcm16, mulaw or opus$/);
  assert.deepEqual(formatsOf("mulaw").output, { encoding: "mulaw", rate: 8000 });
});

test("the device's zero is what the promptest frame says, and follows a clock that drifts", () => {
  // if it failed, a page that was busy once would shift all times by that
  const clock = new DeviceClock(48_000);
  clock.begin(48_000, 2); // the stream goes on at 2 s with frame 48,000
  assert.equal(clock.at(96_000), 3);
  clock.arrived(10.5, 96_000); // half a second late
  assert.equal(clock.zero, 7.5);
  clock.arrived(11.001, 144_000);
  assert.ok(Math.abs(clock.zero - 7.001) < 1e-9);
  for (let n = 0; n < 3000; n++) clock.arrived(11.02 + 0.0202 * n, 144_960 + 960 * n); // a slow device
  assert.ok(clock.zero > 7.001 + 0.2, `${clock.zero}`);
});

test("a worker's distant transport does what one beside it would", () => {
  // if it failed, nothing would work by WebRTC
  const [got, sent] = [[], []];
  const page = {};
  const worker = distantTransport({ postMessage: (told) => page.served.take(told) });
  page.served = serveTransport({ postMessage: (told) => worker.take(told) }, (dial) => {
    page.dial = dial;
    return { send: (data) => sent.push(data), close: () => sent.push("closed") };
  });
  const dial = (name) => worker.dial({
    url: "u", token: "t",
    opened: () => got.push(`${name} opened`),
    message: (data) => got.push(`${name} ${data}`),
    closed: (code, reason) => got.push(`${name} ${code} ${reason}`),
  });
  const first = dial("first");
  const { dial: old } = page;
  assert.deepEqual([old.url, old.token, first.carriesAudio], ["u", "t", true]);
  old.opened();
  first.send("hello");
  old.message("welcome");
  dial("second"); // closes the first, whose words count no more
  old.message("too late");
  first.send("too late");
  page.dial.closed(1006, "gone");
  assert.deepEqual(got, ["first opened", "first welcome", "second 1006 gone"]);
  assert.deepEqual(sent, ["hello", "closed"]);
});
