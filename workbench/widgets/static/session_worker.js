/** The worker of a session: gives a Carrier its ports, its timers and its transports. Messages: `page_session.js`. */

import { Carrier } from "./carrier.js";
import { distantTransport } from "./distant.js";
import { openSocket } from "./socket.js";

/** Seconds for the page to get a token from the kernel. */
const TOKEN_TIMEOUT = 10;

const timers = {
  now: () => performance.now() / 1000,
  after: (seconds, call) => {
    const timer = setTimeout(call, seconds * 1000);
    return () => clearTimeout(timer);
  },
};

const tokens = new Map();
let asked = 0;

/** Ask the page for a fresh token. */
function freshToken() {
  asked += 1;
  const number = asked;
  self.postMessage({ ask: "token", number });
  return new Promise((resolve, reject) => {
    const forget = timers.after(TOKEN_TIMEOUT, () => {
      tokens.delete(number);
      reject(new Error(`no token within ${TOKEN_TIMEOUT} s`));
    });
    tokens.set(number, ({ token }) => {
      forget();
      tokens.delete(number);
      if (typeof token === "string") resolve(token);
      else reject(new Error("no token"));
    });
  });
}

const rtc = distantTransport(self);
let carrier = null;

function start({ options, capture, playback }) {
  carrier = new Carrier({
    options,
    tell: (what, detail) => self.postMessage({ what, detail }),
    token: freshToken,
    playback: (command) => playback.postMessage(command, command.samples ? [command.samples.buffer] : []),
    timers,
    random: Math.random,
    transports: { direct: openSocket, proxied: openSocket, webrtc: rtc.dial },
  });
  capture.onmessage = ({ data }) => carrier.captured(data);
  playback.onmessage = ({ data }) => carrier.played(data);
  carrier.start();
}

self.onmessage = ({ data }) => {
  if (data.do === "start") start(data);
  else if (data.do === "token") tokens.get(data.number)?.(data);
  else if (data.rtc) rtc.take(data);
  else if (data.do) carrier?.[data.do](data.detail); // suspend, wake, stop, tune, consent, latency, rtcQuality, rtcPlayed
};
