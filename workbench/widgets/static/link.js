/**
 * A session's way to its endpoint: one connection after another, over the first way that works, until the session ends
 * or it is given up. What carries a connection is a Transport (`transport.js`).
 *
 * @typedef {object} Receiver  whose link it is
 * @property {(welcome: object) => void} welcomed
 * @property {(sent: number, at: number) => void} pong
 * @property {(wire: object) => void} event  each message that is an event; may throw ProtocolFault
 * @property {(wire: object) => void} control
 * @property {(packet: import("./native.js").Packet) => void} audio
 * @property {() => object} resumption  the fields of `resume`, but session and handle
 * @property {() => import("./native.js").Seen} acknowledged  what need not be sent again
 * @property {(status: {status: string, way: string, code?: number, sentence?: string, instead?: {way: string, sentence?: string}}) => void} status
 *   `instead`: the first way that did not come about, when another one is live
 *
 * @typedef {object} Timers  times in seconds; replaced in tests
 * @property {() => number} now
 * @property {(seconds: number, call: () => void) => () => void} after  returns what cancels it
 */

import { CODE, NO_CLOSE, ProtocolFault, parseMessage, resumeMessage, unpackPacket } from "./native.js";
import { Reconnecting } from "./reconnecting.js";

/** Seconds to get a token, to be let in and to be welcomed, each. */
const CONNECT_TIMEOUT = 10;
/** Seconds between looks at what is to be acknowledged, asked or refreshed. */
const TEND_EVERY = 0.25;
/** Round trips measured at the start of each connection, one each look; then one each PING_EVERY seconds. */
const PINGS = 5;
const PING_EVERY = 2;
/** Seconds without a word from the endpoint after which a connection counts as broken: a laptop that slept, a dead network. */
const SILENCE_MAX = 8;
/** Bytes that may wait in a transport; the rest waits in the log. */
const BUFFERED_MAX = 65_536;
/** Share of a token's life after which a new one is sent, and seconds before another try. */
const REFRESH_AT = 0.75;
const REFRESH_AGAIN = 1;
/** Seconds after `close` was sent that the last events may take. */
const LEAVE_TIMEOUT = 3;

export class Link {
  /**
   * @param {object} parts
   * @param {{way: string, url: string}[]} parts.ways  tried in order
   * @param {() => Promise<string>} parts.token  gives a fresh one
   * @param {object} parts.open  the message that opens the session
   * @param {import("./unacknowledged.js").Unacknowledged} parts.log
   * @param {Receiver} parts.receiver
   * @param {Record<string, (dial: import("./transport.js").Dial) => import("./transport.js").Transport>} parts.transports  by way
   * @param {Timers} parts.timers
   * @param {() => number} parts.random
   * @param {{session: string, handle: string} | null} [parts.had]  before a reload
   */
  constructor({ ways, token, open, log, receiver, transports, timers, random, had = null }) {
    Object.assign(this, { _ways: ways, _token: token, _open: open, _log: log, _receiver: receiver });
    Object.assign(this, { _transports: transports, _timers: timers, _session: had });
    this._decider = new Reconnecting(random);
    this._way = 0;
    /** Failures in a row before the first welcome: each way is tried once. */
    this._failures = [];
    this._connection = null;
    this._cancelWait = () => {};
    this._everWelcomed = false;
    this._suspended = false;
    this._leaving = false;
    this._over = false;
    this._refreshAt = Infinity;
  }

  /** Begin. */
  start() {
    this._tell({ status: "connecting" });
    this._dial();
    this._tend();
  }

  /** Return whether the session has ended or was given up. */
  get over() {
    return this._over;
  }

  /** Return whether a connection carries the session now. */
  get connected() {
    return this._connection !== null && this._connection.welcomed;
  }

  /** Return whether audio goes beside the messages. */
  get carriesAudio() {
    return this._connection !== null && this._connection.transport?.carriesAudio === true;
  }

  /** Return the way in use. */
  get way() {
    return this._ways[this._way].way;
  }

  /** Return the bytes that wait in the transport. */
  get buffered() {
    return this.connected ? this._connection.transport.buffered() : 0;
  }

  /** Return the session and its handle, once there is one. */
  get session() {
    return this._session;
  }

  /** Send what was added to the log, as far as the transport takes it. */
  pump() {
    if (!this.connected || this._connection.left) return;
    const { transport } = this._connection;
    while (transport.buffered() < BUFFERED_MAX) {
      const message = this._log.take();
      if (message === null) return;
      transport.send(message);
    }
  }

  /** Leave the connection until `wake`; the endpoint holds the session. */
  suspend() {
    if (this._over || this._suspended) return;
    this._suspended = true;
    this._cancelWait();
    if (this.connected) this._leave();
    else if (this._connection) this._drop(this._connection);
    if (!this.connected) this._tell({ status: "held" });
  }

  /** Come back after `suspend`. */
  wake() {
    if (this._over || !this._suspended) return;
    this._suspended = false;
    this._decider.woken();
    if (this._connection === null) this._again(0);
  }

  /** End the session: what the log holds is sent, and the last events are waited for. */
  stop() {
    if (this._over) return;
    this._leaving = true;
    this._cancelWait();
    if (!this.connected) {
      const sentence = "the session was left without a connection; the endpoint ends it when its time is over";
      this._end({ status: "ended", sentence: this._session ? sentence : undefined });
      return;
    }
    this.pump();
    this._cancelWait = this._timers.after(LEAVE_TIMEOUT, () => this._end({ status: "ended", code: CODE.completed }));
  }

  // --- one connection

  async _dial() {
    const connection = { transport: null, welcomed: false, left: false, since: this._timers.now(), heard: this._timers.now(), pings: 0, pinged: -Infinity, acknowledged: "" };
    this._connection = connection;
    const within = (what) => {
      connection.cancel?.();
      connection.cancel = this._timers.after(CONNECT_TIMEOUT, () => this._closed(connection, 1006, "", null, `${what} within ${CONNECT_TIMEOUT} s`));
    };
    within("the notebook's kernel gave no session token");
    let token;
    try {
      token = await this._token();
    } catch {
      this._closed(connection, 1006, "", null, "no session token was to be had from the notebook's kernel; is it running?");
      return;
    }
    if (this._connection !== connection) return;
    within("the endpoint did not open the session");
    const { way, url } = this._ways[this._way];
    const mine = (call) => (...given) => this._connection === connection && call(...given);
    connection.transport = this._transports[way]({
      url,
      token,
      opened: mine(() => connection.transport.send(JSON.stringify(this._first()))),
      message: mine((message) => this._take(connection, message)),
      closed: mine((code, reason, status, sentence) => this._closed(connection, code, reason, status ?? null, sentence)),
    });
  }

  _first() {
    if (this._session === null) return this._open;
    return resumeMessage({ ...this._session, ...this._receiver.resumption(), otherwise: this._open });
  }

  _take(connection, message) {
    connection.heard = this._timers.now();
    try {
      if (typeof message === "string") this._understand(connection, parseMessage(message));
      else this._receiver.audio(unpackPacket(message));
    } catch (fault) {
      if (!(fault instanceof ProtocolFault)) throw fault;
      this._closed(connection, 1006, "", null, `the endpoint broke the protocol: ${fault.message}`);
    }
  }

  _understand(connection, wire) {
    switch (wire.type) {
      case "welcome":
        return this._welcomed(connection, wire);
      case "ack":
        return this._log.acknowledge(wire);
      case "refreshed":
        this._refreshAt = this._timers.now() + REFRESH_AT * wire.expires_in;
        return;
      case "pong":
        return this._receiver.pong(wire.sent, wire.at);
      case "playback-control":
        return this._receiver.control(wire);
      default:
        return this._receiver.event(wire);
    }
  }

  _welcomed(connection, welcome) {
    connection.cancel();
    connection.welcomed = true;
    this._session = { session: welcome.session, handle: welcome.handle };
    this._log.rewind(welcome);
    this._refreshAt = this._timers.now() + REFRESH_AT * welcome.expires_in;
    this._decider.hold = welcome.hold;
    this._decider.connected(this._timers.now());
    this._everWelcomed = true;
    const [wished] = this._failures; // the way that was to be taken, had it come about
    this._failures = [];
    this._receiver.welcomed(welcome);
    this._tell({ status: "live", ...(wished ? { instead: { way: wished.way, sentence: wished.sentence } } : {}) });
    this.pump();
  }

  _leave() {
    this.pump();
    this._connection.left = true;
    this._connection.transport.send(JSON.stringify({ type: "suspend" }));
  }

  _closed(connection, code, reason, status, sentence) {
    if (this._connection !== connection) return;
    const { welcomed, left } = connection;
    this._drop(connection);
    const said = sentence || reason || undefined;
    if (this._leaving) return this._end({ status: "ended", code, sentence: reason || undefined });
    if (!this._everWelcomed && this._session === null) return this._tryNext({ code, status, sentence: said });
    const now = this._timers.now();
    const decision = welcomed || !NO_CLOSE.includes(code)
      ? this._decider.lost(now, left && code === CODE.completed ? 0 : code)
      : this._decider.failed(now, status);
    if (this._suspended) return this._tell({ status: "held" });
    if ("giveUp" in decision) {
      const failed = NO_CLOSE.includes(code) || !welcomed;
      return this._end({ status: failed ? "failed" : "ended", code, sentence: said ?? decision.giveUp });
    }
    if (!welcomed) this._way = (this._way + 1) % this._ways.length;
    this._tell({ status: "reconnecting", code, sentence: said });
    this._again(decision.wait);
  }

  /** Before the first welcome: try the next way; when there is none, say what was most telling. */
  _tryNext(failure) {
    this._failures.push({ ...failure, way: this.way });
    const refused = !NO_CLOSE.includes(failure.code);
    if (!refused && this._failures.length < this._ways.length) {
      this._way += 1;
      this._again(0);
      return;
    }
    const telling = this._failures.find((one) => !NO_CLOSE.includes(one.code) || one.status) ?? this._failures[0];
    this._end({ status: "failed", code: telling.status ?? telling.code, sentence: telling.sentence ?? "the endpoint closed without a reason" });
  }

  _again(seconds) {
    this._cancelWait();
    this._cancelWait = this._timers.after(seconds, () => this._dial());
  }

  _drop(connection) {
    connection.cancel?.();
    this._connection = null;
    connection.transport?.close();
  }

  _end(status) {
    if (this._over) return;
    this._over = true;
    this._cancelWait();
    if (this._connection) this._drop(this._connection);
    this._tell(status);
  }

  // --- all the while

  _tend() {
    if (this._over) return;
    this._timers.after(TEND_EVERY, () => this._tend());
    const connection = this._connection;
    if (connection === null || !connection.welcomed) return;
    const now = this._timers.now();
    if (now - connection.heard > SILENCE_MAX) {
      this._closed(connection, 1006, "", null, "the endpoint has fallen silent");
      return;
    }
    const say = (message) => connection.transport.send(JSON.stringify(message));
    const seen = this._receiver.acknowledged();
    if (JSON.stringify(seen) !== connection.acknowledged) {
      connection.acknowledged = JSON.stringify(seen);
      say({ type: "ack", seen });
    }
    if (connection.pings < PINGS || now - connection.pinged >= PING_EVERY) {
      connection.pings += 1;
      connection.pinged = now;
      say({ type: "ping", sent: now });
    }
    if (now > this._refreshAt) this._refresh(connection);
    this.pump();
  }

  async _refresh(connection) {
    this._refreshAt = this._timers.now() + CONNECT_TIMEOUT; // unless it is answered before
    try {
      const token = await this._token();
      if (this._connection === connection) connection.transport.send(JSON.stringify({ type: "refresh", token }));
    } catch {
      // without one the connection ends with the token, and the attempt to resume says why
      this._refreshAt = this._timers.now() + REFRESH_AGAIN;
    }
  }

  _tell(status) {
    this._receiver.status({ way: this.way, ...status });
  }
}
