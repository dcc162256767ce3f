/**
 * A session as a page has it: the audio graph, the worker that carries the session, and what a panel is told.
 *
 * Audio: capture worklet (20 ms) -> worker (socket, protocol) -> playback worklet, by MessagePorts of their own. The
 * page thread starts them and shows what they say.
 *
 * `on(what, detail)` is called on the page thread:
 * - "status" {status: "connecting"|"live"|"held"|"reconnecting"|"ended"|"failed", way, code?, sentence?,
 *   instead?: {way, sentence?}}: live, but not by the first way, and why not
 * - "event" a wire event of docs/protocol.md, each once, in order
 * - "welcome" {session, how, hold, consent, asks, stored, records}; again after each resume
 * - "levels" {caller, agent: dBFS (-100 at least), clipping, muted: boolean, silent: seconds the caller was silent}, 20/s
 * - "quality" {roundTrip, jitter, lost, underruns, buffered, behind, codec, bitrate,
 *   mode: "full"|"reduced"|"push-to-talk", said?: sentence, now: session time, clockError}, 1/s; times in seconds
 * - "heard" {reply, seconds, state}: as it is reported to the endpoint
 * - "sound" {running: boolean, sentence?}: the browser holds back sound, and the microphone, until the page is clicked
 * - "state" what to keep for a reload (or null: nothing), at most 5/s
 */

import { formatsOf } from "./codec.js";
import { serveTransport } from "./distant.js";
import { opusProblem } from "./opus.js";
import { TARGET } from "./target.js";
import { openRtc } from "./webrtc.js";

/** Seconds a page may be hidden before its session is held. */
const HIDDEN_AFTER = 60;
/** Seconds between looks at the output's latency and WebRTC's figures. */
const LOOK_EVERY = 1;
/** Seconds that the browser may take to let sound be played; longer means that it waits for a click. */
const SOUND_TIMEOUT = 1;
/** Seconds for the worker to leave after `stop`. */
const STOP_TIMEOUT = 4;

/** The addresses of what runs beside the page; made once. */
let addresses = null;
function programs() {
  addresses ??= {
    capture: new URL("./capture_worklet.js", import.meta.url).href,
    playback: new URL("./playback_worklet.js", import.meta.url).href,
    worker: new URL("./session_worker.js", import.meta.url).href,
  };
  return addresses;
}

/** Contexts that have the worklets: a processor is registered once in each. @type {WeakMap<AudioContext, Promise<void>>} */
const prepared = new WeakMap();
function prepare(context) {
  if (!prepared.has(context)) {
    const { capture, playback } = programs();
    prepared.set(context, Promise.all([capture, playback].map((url) => context.audioWorklet.addModule(url))));
  }
  return prepared.get(context);
}

/** Return why this browser can't hold a session, or nothing. */
export function browserProblem() {
  if (!globalThis.isSecureContext) {
    return "this page came by plain http from another machine, where browsers give no microphone; open it by https or as localhost";
  }
  if (typeof AudioWorkletNode === "undefined" || typeof Worker === "undefined") {
    return "this browser has no AudioWorklet; a recent Chrome, Edge, Firefox or Safari has";
  }
  return "";
}

export class PageSession {
  /**
   * Nothing happens before `start`.
   * @param {object} options
   * @param {{way: "direct"|"proxied"|"webrtc", url: string}[]} options.ways  tried in order; the one in use is told
   * @param {() => Promise<string>} options.token  a fresh token; asked for at each connection and before one expires
   * @param {{assistant: string, settings?: object}} options.open
   * @param {import("./codec.js").CodecName} [options.codec]
   * @param {(what: string, detail: any) => void} options.on
   * @param {object | null} [options.state]  what `state()` was before a reload: the session is resumed
   * @param {"new" | "all"} [options.events]  which events a resumed session tells: those that are new, or all from the first
   * @param {number} [options.hiddenAfter]  seconds a page may be hidden before the session is held; Infinity: never
   * @param {(dial: object, media: object) => object} [options.dialRtc]  for the way "webrtc"; `webrtc.js`
   * @param {AudioContext} [options.context]  closed by `stop` only if it was made here
   */
  constructor({ ways, token, open, codec = "pcm16", on, state = null, events = "new", hiddenAfter = HIDDEN_AFTER, dialRtc = openRtc, context = null }) {
    this._options = { ways, open, codec: state?.codec ?? codec, state, events };
    Object.assign(this, { _token: token, _on: on, _openRtc: dialRtc, _hiddenAfter: hiddenAfter, _given: context });
    this._state = state;
    this._muted = false;
    this._talk = "off";
    this._forced = false;
    this._context = this._worker = this._source = this._rtc = this._clicked = null;
    this._over = false;
    this._hidden = 0;
    this._visibility = () => this._seen();
  }

  /**
   * Begin, inside a click so that sound may be played. Rejects with a sentence if the audio graph can't be made; what
   * happens after that is told by "status".
   * @param {MediaStream} stream
   */
  async start(stream) {
    const problem = browserProblem() || (this._options.codec === "opus" ? await opusProblem() : "");
    if (problem) throw new Error(problem);
    this._context = this._given ?? new AudioContext({ latencyHint: "interactive" });
    const context = this._context;
    const resumed = context.resume();
    await prepare(context);
    this._worker = new Worker(programs().worker, { type: "module" });
    this._capture = this._node("workbench-capture", { rate: formatsOf(this._options.codec).input.rate }, { numberOfOutputs: 1 });
    this._playback = this._node("workbench-playback", { target: TARGET.least }, { outputChannelCount: [1] });
    const silent = new GainNode(context, { gain: 0 }); // a node is run only when it leads somewhere
    this._capture.connect(silent).connect(context.destination);
    /** Where the agent is heard; may be connected elsewhere too, for instance to be recorded. */
    this.output = new GainNode(context);
    this._playback.connect(this.output).connect(context.destination);
    const [capture, playback] = [new MessageChannel(), new MessageChannel()];
    this._capture.port.postMessage({ port: capture.port1 }, [capture.port1]);
    this._playback.port.postMessage({ port: playback.port1 }, [playback.port1]);
    this.replaceSource(stream);
    this._gate();
    this._worker.onmessage = ({ data }) => this._take(data);
    this._worker.onerror = () => this._broke("audio worker");
    const options = { ...this._options, deviceRate: context.sampleRate };
    this._worker.postMessage({ do: "start", options, capture: capture.port2, playback: playback.port2 }, [capture.port2, playback.port2]);
    document.addEventListener("visibilitychange", this._visibility);
    this._looking = setInterval(() => this._look(), LOOK_EVERY * 1000);
    await Promise.race([resumed, new Promise((resolve) => setTimeout(resolve, SOUND_TIMEOUT * 1000))]);
    if (context.state !== "running") this._awaitClick();
  }

  /** Send silence instead of the microphone. */
  mute(muted) {
    this._muted = muted;
    this._gate();
  }

  /** Let only what is said while "down" be heard; "off": talk freely. @param {"off"|"up"|"down"} talk */
  pushToTalk(talk) {
    this._talk = talk;
    this._gate();
  }

  /** Use another microphone, or another source, from now on. @param {MediaStream} stream */
  replaceSource(stream) {
    const source = new MediaStreamAudioSourceNode(this._context, { mediaStream: stream });
    this._source?.disconnect();
    this._source = source;
    this._stream = stream;
    source.connect(this._capture);
    this._rtc?.current()?.replaceSource?.(stream);
  }

  /** Return why another codec can't be had now, or nothing; it counts from the next start on. */
  setCodec(codec) {
    if (this._worker !== null) return "a session keeps the codec it was opened with; stop and talk again to change it";
    this._options.codec = codec;
    return "";
  }

  /** Let turn taking go on under other settings; an event tells whether it does. @param {Record<string, number|boolean>} settings */
  tune(settings) {
    this._post("tune", settings);
  }

  /** Have no more than `level` kept; an event tells when what was kept is deleted. @param {"none"|"transcript"|"full"} level */
  consent(level) {
    this._post("consent", level);
  }

  /** Leave the session for a while; the endpoint holds it. */
  suspend() {
    this._post("suspend");
  }

  /** Come back after `suspend`. */
  async resume() {
    await this._context?.resume();
    this._post("wake");
  }

  /** End the session and let go of all; the source's tracks stay the caller's own. */
  async stop() {
    if (this._worker === null || this._over) return this._release();
    const ended = new Promise((resolve) => {
      this._ended = resolve;
      setTimeout(resolve, STOP_TIMEOUT * 1000);
    });
    this._post("stop");
    await ended;
    return this._release();
  }

  /** Return what a page that is loaded again needs; null if there is nothing to resume. Plain, for sessionStorage. */
  state() {
    return this._state;
  }

  // --- within

  /** What runs beside the page broke: nothing can be said or heard any more. */
  _broke(what) {
    if (!this._over) this._told("status", { status: "failed", way: "", sentence: `the page's ${what} failed; reload the page` });
  }

  /** After a reload nobody has clicked yet: the first click or key lets the sound begin. */
  _awaitClick() {
    const { state } = this._context;
    if (state !== "suspended") return;
    this._on("sound", { running: false, sentence: "the browser holds back the sound until you click this page or press a key" });
    this._clicked = new AbortController();
    const { signal } = this._clicked;
    const begin = () => this._context.resume().catch(() => {});
    for (const what of ["pointerdown", "keydown"]) document.addEventListener(what, begin, { signal });
    this._context.addEventListener("statechange", () => {
      if (this._context.state !== "running") return;
      this._clicked.abort();
      this._on("sound", { running: true });
    }, { signal });
  }

  _node(name, processorOptions, options) {
    const node = new AudioWorkletNode(this._context, name, { numberOfInputs: 1, ...options, processorOptions });
    node.onprocessorerror = () => this._broke("audio worklet");
    return node;
  }

  _gate() {
    const held = this._talk === "up" || (this._talk === "off" && this._forced);
    const open = !this._muted && !held;
    this._capture?.port.postMessage({ open });
    this._rtc?.current()?.gate?.(open);
  }

  _post(what, detail) {
    this._worker?.postMessage({ do: what, detail });
  }

  async _take(data) {
    if (data.ask === "token") {
      const token = await Promise.resolve().then(this._token).catch(() => null);
      this._worker?.postMessage({ do: "token", number: data.number, token });
    } else if (data.rtc) {
      this._rtcTransport().take(data);
    } else {
      this._told(data.what, data.detail);
    }
  }

  _told(what, detail) {
    const rtc = this._rtc?.current();
    if (what === "rtc-control") return rtc?.control(detail);
    if (what === "rtc-degrade") return rtc?.degrade(detail);
    if (what === "event") rtc?.event(detail);
    if (what === "state") this._state = detail;
    if (what === "quality") this._force(detail.mode === "push-to-talk");
    if (what === "status" && ["ended", "failed"].includes(detail.status)) {
      this._over = true;
      this._state = null;
    }
    this._on(what, detail);
    if (this._over) this._release().finally(() => this._ended?.());
    return undefined;
  }

  _force(forced) {
    if (forced === this._forced) return;
    this._forced = forced;
    if (forced) this._talkBefore = this._talk;
    else if (this._talkBefore === "off") this._talk = "off"; // the button was held only because it had to be
    this._gate();
  }

  _rtcTransport() {
    this._rtc ??= serveTransport(this._worker, (dial) =>
      this._openRtc(dial, {
        stream: this._stream,
        context: this._context,
        sink: this.output,
        meter: this._playback,
        report: (report) => this._post("rtcPlayed", report),
      }),
    );
    return this._rtc;
  }

  async _look() {
    this._post("latency", this._context.outputLatency || this._context.baseLatency || 0);
    const quality = await this._rtc?.current()?.quality?.();
    if (quality) this._post("rtcQuality", quality);
    if (this._context.state === "interrupted" || (this._context.state === "suspended" && !document.hidden)) {
      this._context.resume().catch(() => {}); // needs a click in some browsers: "levels" show silence until then
    }
  }

  _seen() {
    clearTimeout(this._hidden);
    if (!document.hidden) {
      if (this._held) this.resume();
      this._held = false;
    } else if (this._hiddenAfter < Infinity) {
      this._hidden = setTimeout(() => {
        this._held = true;
        this.suspend();
      }, this._hiddenAfter * 1000);
    }
  }

  async _release() {
    document.removeEventListener("visibilitychange", this._visibility);
    clearInterval(this._looking);
    clearTimeout(this._hidden);
    this._clicked?.abort();
    this._worker?.terminate();
    this._worker = null;
    this._capture?.port.postMessage({ stop: true });
    this._playback?.port.postMessage({ stop: true });
    for (const node of [this._source, this._capture, this._playback, this.output]) node?.disconnect();
    this._rtc?.current()?.close();
    if (this._given === null && this._context && this._context.state !== "closed") await this._context.close();
  }
}
