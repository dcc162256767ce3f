/**
 * A session inside its worker: frames of the microphone in, commands of playback out, messages between, and what the page
 * is told. Knows no socket, no port and no timer but those it is given.
 */

import { AgentStream } from "./agent_stream.js";
import { CallerStream } from "./caller_stream.js";
import { SessionClock } from "./clock.js";
import { bitrateOf, formatsOf } from "./codec.js";
import { Degradation, modeOf, sentenceOf, stepsOf } from "./degradation.js";
import { DeviceClock } from "./device_clock.js";
import { Link } from "./link.js";
import { Meters } from "./meters.js";
import { numberedMessage, openMessage } from "./native.js";
import { OPUS_BITRATE, OPUS_LOW_BITRATE } from "./opus.js";
import { Order } from "./order.js";
import { Lateness, Target } from "./target.js";
import { Unacknowledged } from "./unacknowledged.js";

/** Seconds of the caller's audio kept until the endpoint has it; the oldest is dropped. */
const KEPT = 60;
const LEVELS_EVERY = 0.05;
const QUALITY_EVERY = 1;
const STATE_EVERY = 0.2;
/** Seconds after a connection came about in which what was kept is sent, and says nothing of its quality. */
const SETTLING = 3;
/** Seconds the device's clock may be off before the endpoint is told anew. */
const CLOCK_STEP = 0.001;

export class Carrier {
  /**
   * @param {object} parts
   * @param {{ways: object[], open: {assistant: string, settings?: object}, codec: string, deviceRate: number, state?: object | null,
   *   events?: "new" | "all"}} parts.options
   * @param {(what: string, detail: any) => void} parts.tell  the page
   * @param {() => Promise<string>} parts.token
   * @param {(command: object) => void} parts.playback  commands for the playback worklet
   * @param {import("./link.js").Timers} parts.timers
   * @param {() => number} parts.random
   * @param {object} parts.transports
   */
  constructor({ options, tell, token, playback, timers, random, transports }) {
    const { ways, open, codec, deviceRate, state = null, events = "new" } = options;
    Object.assign(this, { _tell: tell, _playback: playback, _timers: timers, _codec: codec, _deviceRate: deviceRate });
    const broke = () => this._fail("the browser's Opus codec failed; choose pcm16 or mulaw");
    const had = state === null ? {} : { ...state.seen, reply: state.reply, received: state.received, at: state.at, turn: state.turn };
    this._order = new Order({ ...had, ...(events === "all" ? { events: 0 } : {}) });
    this._caller = new CallerStream(codec, (data, samples) => this._post(data, samples), broke);
    this._agent = new AgentStream(codec, { order: this._order, deviceRate, command: playback, broke });
    this._log = new Unacknowledged(KEPT * this._caller.rate, state ?? {});
    this._clock = new SessionClock();
    this._device = new DeviceClock(deviceRate);
    this._told = null;
    this._meters = new Meters(timers.now());
    this._target = new Target();
    this._lateness = new Lateness();
    this._latency = 0;
    this._counts = { lost: 0, underruns: 0, bytes: 0, held: 0 };
    this._last = { ...this._counts };
    this._rtc = null;
    this._resumed = state === null ? "" : state.session;
    this._gone = this._left = this._back = false;
    this._state = "";
    this._link = new Link({
      ways, token, log: this._log, receiver: this, transports, timers, random,
      open: openMessage({ ...formatsOf(codec), ...open }),
      had: state === null ? null : { session: state.session, handle: state.handle },
    });
    this._degradation = null;
  }

  /** Begin. */
  start() {
    this._link.start();
    this._every(LEVELS_EVERY, () => this._tell("levels", this._meters.look(this._timers.now())));
    this._every(QUALITY_EVERY, () => this._assess());
    this._every(STATE_EVERY, () => this._keep());
  }

  // --- from the page

  suspend() {
    this._left = true;
    this._link.suspend();
  }

  wake() {
    this._back = this._left;
    this._left = false;
    this._link.wake();
  }

  /** Leave: what was heard is told, then the session ends. */
  stop() {
    if (this._link.over) return;
    this._playback({ do: "close" });
    // the worklet's last report is a few milliseconds away
    this._timers.after(0.05, () => {
      this._number("close");
      this._link.stop();
    });
  }

  /** Go on under other settings of turn taking. @param {Record<string, number|boolean>} settings by dotted name */
  tune(settings) {
    if (this._link.over || this._waiting) return;
    this._number("tune", { settings });
  }

  /** Have no more than `level` kept of the session, or answer whether it may be. @param {"none"|"transcript"|"full"} level */
  consent(level) {
    if (this._link.over || this._waiting) return;
    this._number("consent", { level });
  }

  /** Learn how long sound takes from the graph to the ear. @param {number} seconds */
  latency(seconds) {
    this._latency = Math.min(1, Math.max(0, seconds));
  }

  /** Learn what WebRTC measured in the last second. */
  rtcQuality(quality) {
    this._rtc = quality;
  }

  /** Learn what WebRTC played, in the session's samples. @param {import("./transport.js").PlaybackReport} report */
  rtcPlayed({ state, reply, heard, underrun, reason }) {
    const at = this._now();
    const device = Math.max(0, Math.round((at - this._zero()) * this._agent.rate));
    this._report({ state, reply, heard, underrun, reason }, device, at);
  }

  // --- from the worklets

  /** Take 20 ms of the microphone. @param {{frame: Float32Array, end: number, level: number, peak: number, open: boolean}} captured */
  captured({ frame, end, ...level }) {
    const now = this._timers.now();
    this._meters.captured(now, level);
    if (this._waiting || this._gone) return;
    if (this._left) return; // what is said to a page that was left is nobody's business
    if (!this._device.running || this._back) {
      this._device.begin(end - this._deviceRate / 50, this._caller.fed);
      [this._back, this._told] = [false, null];
    }
    this._device.arrived(now, end);
    if (this._link.carriesAudio) return;
    if (this._told === null) this._tellClock();
    this._caller.feed(frame);
  }

  _waiting = true;

  /** Take what the playback worklet tells. */
  played({ reports, held, underruns, level }) {
    if (level !== undefined) this._meters.played(level);
    this._counts.held = held / this._deviceRate;
    this._counts.underruns = underruns;
    for (const report of reports) {
      const device = this._device.at(report.devicePosition);
      const at = this._clock.at(this._device.zero + device) + this._latency;
      this._report(this._agent.heard(report), Math.max(0, Math.round(device * this._agent.rate)), at);
    }
  }

  // --- the link's receiver

  welcomed(welcome) {
    const now = this._timers.now();
    this._clock.welcomed(now, welcome.at, { sameClock: welcome.how === "resumed" });
    if (this._waiting) {
      this._log.startAt(welcome);
      this._caller.startAt(welcome.position);
      this._waiting = false;
    }
    this._told = null;
    this._lateness = new Lateness();
    this._welcomed = now;
    this._degradation ??= new Degradation(stepsOf(this._link.carriesAudio ? "webrtc" : "websocket", this._codec));
    const { session, how, hold, consent, asks, stored, records } = welcome;
    this._tell("welcome", { session, how, hold, consent, asks, stored, records });
    this._keep();
  }

  pong(sent, at) {
    this._clock.pong(this._timers.now(), sent, at);
    if (this._device.running && Math.abs(this._zero() - (this._told ?? 0)) > CLOCK_STEP) this._tellClock();
  }

  event(wire) {
    if (!this._order.event(wire)) return;
    if (wire.type === "session-reset") {
      this._playback({ do: "close" }); // the rest of what played will never come
      this._agent.reset();
    }
    this._tell("event", wire);
  }

  control(wire) {
    if (!this._order.control(wire)) return;
    if (this._link.carriesAudio) this._tell("rtc-control", wire);
    else this._agent.control(wire);
  }

  audio(packet) {
    const now = this._timers.now();
    if (!this._agent.audio(packet)) return;
    this._lateness.arrived(now, packet.reply, packet.position / this._agent.rate);
    this._aim(now);
  }

  resumption() {
    const { reply, received, at, turn, seen } = this._order;
    return { seen, at: Math.max(at, this._now(), 0), turn, reply, received, ...this._log.oldest };
  }

  acknowledged() {
    return { ...this._order.seen, audio: this._agent.acknowledged };
  }

  status(status) {
    if (this._gone) return;
    this._gone = ["ended", "failed"].includes(status.status);
    if (this._gone) {
      this._playback({ do: "close" });
      this._caller.close();
      this._agent.close();
      this._keep();
    }
    this._tell("status", status);
  }

  // --- within

  _now() {
    return this._clock.at(this._timers.now());
  }

  _zero() {
    return this._clock.at(this._device.zero);
  }

  _number(type, fields = {}, at = this._now()) {
    this._log.addText((seq) => JSON.stringify(numberedMessage(type, seq, at, fields)));
    this._link.pump();
  }

  _tellClock() {
    this._told = this._zero();
    this._number("audio-clock", { device_zero: this._told });
  }

  _post(data, samples) {
    this._counts.bytes += data.byteLength;
    this._log.addAudio(data, samples);
    this._link.pump();
  }

  _report({ state, reply, heard, underrun, reason }, devicePosition, at) {
    this._tell("heard", { reply, seconds: heard / this._agent.rate, state });
    if (this._link.over || this._waiting) return;
    this._number("playback", { state, reply, heard, device_position: devicePosition, underrun, reason }, at);
  }

  _aim(now) {
    const target = this._target.decide(now, { jitter: this._lateness.jitter, underruns: this._counts.underruns });
    if (Math.abs(target - this._aimed) < 0.005) return;
    this._aimed = target;
    this._playback({ do: "target", target });
  }

  _aimed = 0;

  _assess() {
    const now = this._timers.now();
    this._aim(now);
    this._counts.lost = this._order.lost / this._agent.rate + this._log.dropped / this._caller.rate;
    const since = (name) => this._counts[name] - this._last[name];
    const rate = bitrateOf(this._codec);
    const measured = {
      roundTrip: this._clock.roundTrip,
      jitter: this._clock.jitter,
      lost: Math.min(1, since("lost")),
      underruns: since("underruns"),
      buffered: this._counts.held,
      behind: this._log.unsent / this._caller.rate + (8 * this._link.buffered) / rate,
      bitrate: 8 * since("bytes"),
      ...this._rtc,
    };
    this._last = { ...this._counts };
    const settled = this._link.connected && now - this._welcomed > SETTLING;
    const said = settled ? this._degrade(now, measured) : undefined;
    const mode = modeOf(this._degradation?.step ?? "full");
    const clock = { now: this._now(), clockError: this._clock.quickest / 2 };
    this._tell("quality", { ...measured, ...clock, codec: this._codec, mode, said });
  }

  /** Step down or up; return what to say of it. */
  _degrade(now, measured) {
    const before = this._degradation.step;
    const step = this._degradation.decide(now, measured);
    if (step === before) return undefined;
    const transport = this._link.carriesAudio ? "webrtc" : "websocket";
    const order = stepsOf(transport, this._codec);
    if (transport === "webrtc") this._tell("rtc-degrade", step);
    else this._caller.setBitrate(step === "full" ? OPUS_BITRATE : OPUS_LOW_BITRATE, { fec: false });
    return sentenceOf(step, order.indexOf(step) < order.indexOf(before), transport, this._codec);
  }

  /** Let the page keep what a reload needs. */
  _keep() {
    const session = this._gone ? null : this._link.session;
    const { at, turn, events, controls } = this._order;
    const state = session && {
      ...session, codec: this._codec, at, turn, seen: { events, controls, audio: this._agent.acknowledged },
      ...this._agent.resumption, ...this._log.next,
    };
    const text = JSON.stringify(state);
    if (text === this._state) return;
    this._state = text;
    this._tell("state", state);
  }

  _fail(sentence) {
    this._tell("status", { status: "failed", way: this._link.way, sentence });
    this._link.stop();
  }

  _every(seconds, call) {
    this._timers.after(seconds, () => {
      if (this._gone) return;
      call();
      this._every(seconds, call);
    });
  }
}
