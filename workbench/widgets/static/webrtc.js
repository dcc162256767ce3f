/**
 * A connection by WebRTC: messages by a data channel, the caller as a track, the agent as another. The interface is in
 * `transport.js`; it lives on the page, for a worker has no RTCPeerConnection.
 *
 * The microphone is open before (`getUserMedia`), so the browser gives real addresses; what names of `.local` there are is
 * left out of the offer. Sound goes past the page's thread; messages don't.
 */

import { RtcHeard } from "./rtc_heard.js";
import { rtcQuality, rtcSample } from "./rtc_quality.js";
import { withoutLocalNames } from "./rtc_sdp.js";
import { signallingUrl } from "./transport.js";

/** Seconds for the browser to find its own addresses; what it has by then is offered. */
const GATHER_TIMEOUT = 1;
/** Seconds until the data channel must be open. */
const RTC_TIMEOUT = 10;
/** Seconds between looks at what was heard. */
const HEARD_LOOK = 0.05;
/** Seconds of sound before the ear beside the jitter buffer: a frame, the codec, the way into the audio graph. */
const BESIDE_BUFFER = 0.045;
/** Seconds in a jitter buffer until the browser has measured it. */
const BUFFER_GUESS = 0.06;
/** Bits a second of the caller's Opus, by step. */
const RTC_BITRATES = { full: 32_000, "low-bitrate": 16_000, "push-to-talk": 12_000 };
const BROKE = 1006;

/** Return what dials by WebRTC. @param {import("./transport.js").Dial} dial @param {import("./transport.js").RtcMedia} media @returns {import("./transport.js").RtcTransport} */
export function openRtc(dial, media) {
  return new RtcConnection(dial, media);
}

const rtcNow = () => performance.now() / 1000;
const rtcWait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

class RtcConnection {
  carriesAudio = true;

  constructor(dial, media) {
    Object.assign(this, { _dial: dial, _media: media, _over: false, _heard: null, _buffer: BUFFER_GUESS });
    this._step = "full";
    this._last = rtcSample([], rtcNow());
    if (typeof RTCPeerConnection === "undefined") {
      queueMicrotask(() => this._closed(BROKE, "", undefined, "this browser has no WebRTC; choose a WebSocket"));
      return;
    }
    this._connection = new RTCPeerConnection({ iceServers: [] });
    this._track = media.stream.getAudioTracks()[0].clone(); // of its own: it can be gated without muting the other
    this._sender = this._connection.addTrack(this._track, media.stream);
    this._channel = this._connection.createDataChannel("workbench");
    this._channel.onopen = () => this._opened();
    this._channel.onmessage = ({ data }) => this._take(data);
    this._channel.onclose = () => this._closed(BROKE, "");
    this._connection.ontrack = ({ track }) => this._play(track);
    this._connection.onconnectionstatechange = () => {
      if (this._connection.connectionState === "failed") this._closed(BROKE, "", undefined, NO_WAY);
    };
    this._timeout = setTimeout(() => this._closed(BROKE, "", undefined, NO_WAY), RTC_TIMEOUT * 1000);
    this._negotiate().catch(() => this._closed(BROKE, "", undefined, "this browser could not use the endpoint's answer"));
  }

  send(message) {
    if (this._over || this._channel?.readyState !== "open" || typeof message !== "string") return;
    if (this._heard === null) this._heard = new RtcHeard(outputRate(message));
    this._channel.send(message);
  }

  close() {
    this._end();
  }

  buffered() {
    return this._channel?.bufferedAmount ?? 0;
  }

  /** Nothing: a `playback-control` was seen when it came. */
  control() {}

  /** Nothing: what is heard is told by `voice`. */
  event() {}

  gate(open) {
    if (this._track) this._track.enabled = open;
  }

  async replaceSource(stream) {
    const track = stream.getAudioTracks()[0].clone();
    track.enabled = this._track.enabled;
    await this._sender.replaceTrack(track);
    this._track.stop();
    this._track = track;
  }

  degrade(step) {
    this._step = step;
    this._limit();
  }

  async quality() {
    if (this._over || !this._connection) return null;
    const sample = rtcSample((await this._connection.getStats()).values(), rtcNow());
    const quality = rtcQuality(this._last, sample);
    this._last = sample;
    if (quality.buffered > 0) this._buffer = quality.buffered;
    return quality;
  }

  // --- within

  async _negotiate() {
    const connection = this._connection;
    await connection.setLocalDescription(await connection.createOffer());
    await Promise.race([gathered(connection), rtcWait(GATHER_TIMEOUT)]);
    if (this._over) return;
    const { url, token } = this._dial;
    let answer;
    try {
      answer = await fetch(signallingUrl(url), {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ type: "offer", sdp: withoutLocalNames(connection.localDescription.sdp) }),
        signal: AbortSignal.timeout(RTC_TIMEOUT * 1000),
      });
    } catch {
      const { host } = new URL(url);
      this._closed(BROKE, "", undefined, `no endpoint answers at ${host}: is it still running?`);
      return;
    }
    const said = await answer.json().catch(() => ({}));
    if (this._over) return;
    if (!answer.ok || said.type !== "answer") {
      const sentence = said.error?.message ?? `the endpoint answered with status ${answer.status}`;
      this._closed(BROKE, "", answer.status, sentence);
      return;
    }
    await connection.setRemoteDescription({ type: "answer", sdp: said.sdp });
  }

  _opened() {
    clearTimeout(this._timeout);
    this._limit();
    this._looking = setInterval(() => this._look(), HEARD_LOOK * 1000);
    this._dial.opened();
  }

  _take(data) {
    if (this._over) return;
    const now = rtcNow();
    if (/"type": ?"(voice|closed|playback-control)"/.test(data)) {
      const wire = JSON.parse(data);
      if (wire.type === "closed") {
        this._closed(wire.code, wire.reason);
        return;
      }
      if (wire.type === "voice") {
        this._heard?.voice(wire, now, this._delay());
        return;
      }
      if (wire.type === "playback-control") this._heard?.control(wire, now);
    }
    this._dial.message(data);
  }

  _delay() {
    return this._buffer + BESIDE_BUFFER + (this._media.context.outputLatency || this._media.context.baseLatency || 0);
  }

  _look() {
    for (const report of this._heard?.reports(rtcNow()) ?? []) this._media.report(report);
  }

  /** Let the agent be heard in the page's audio graph; Chromium runs a remote track only with an element, too. */
  _play(track) {
    const stream = new MediaStream([track]);
    this._element = Object.assign(new Audio(), { muted: true, srcObject: stream });
    this._element.play().catch(() => {}); // a page that may not play yet: the graph says so
    this._source = new MediaStreamAudioSourceNode(this._media.context, { mediaStream: stream });
    this._source.connect(this._media.sink);
    this._source.connect(this._media.meter);
  }

  _limit() {
    const parameters = this._sender.getParameters();
    if (!parameters.encodings?.length) return;
    parameters.encodings[0].maxBitrate = RTC_BITRATES[this._step];
    this._sender.setParameters(parameters).catch(() => {}); // the connection is just being closed
  }

  _closed(code, reason, status, sentence) {
    if (this._over) return;
    this._end();
    this._dial.closed(code, reason, status, sentence);
  }

  _end() {
    if (this._over) return;
    this._over = true;
    clearTimeout(this._timeout);
    clearInterval(this._looking);
    this._source?.disconnect();
    if (this._element) this._element.srcObject = null;
    this._track?.stop();
    this._connection?.close();
  }
}

const NO_WAY = "no way to the endpoint was found by WebRTC: both machines need an address the other can reach; a WebSocket needs less";

/** Return the output rate that an `open` or a `resume` names. @param {string} text */
function outputRate(text) {
  const message = JSON.parse(text);
  return (message.output ?? message.otherwise?.output)?.rate ?? 24_000;
}

function gathered(connection) {
  return new Promise((resolve) => {
    const look = () => connection.iceGatheringState === "complete" && resolve();
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
}
