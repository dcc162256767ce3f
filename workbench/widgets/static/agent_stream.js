/**
 * The agent's stream: packets in, samples at the device's rate out to the playback worklet, and how far it was heard in
 * the samples of the session.
 *
 * @typedef {{do: string, reply: number, samples?: Float32Array, total?: number, heard?: number}} PlaybackCommand
 */

import { decodingOf, formatsOf, lookaheadOf, samplesIn } from "./codec.js";
import { Resampler } from "./resample.js";

/** Packets remembered until they were heard; the endpoint keeps no more. */
const UNHEARD_MAX = 1000;

export class AgentStream {
  /**
   * @param {import("./codec.js").CodecName} codec
   * @param {object} parts
   * @param {import("./order.js").Order} parts.order
   * @param {number} parts.deviceRate  Hz
   * @param {(command: PlaybackCommand) => void} parts.command
   * @param {() => void} parts.broke  the browser's decoder failed
   */
  constructor(codec, { order, deviceRate, command, broke }) {
    this._codec = codec;
    this.rate = formatsOf(codec).output.rate;
    this._skip = lookaheadOf(codec);
    this._order = order;
    this._deviceRate = deviceRate;
    this._command = command;
    this._decoding = decodingOf(codec, (samples) => this._decoded(samples), broke);
    /** Packets given to the decoder, oldest first. */
    this._pending = [];
    /** The reply at hand: what stands for its beginning was heard before a reload. */
    this._line = null;
    this._flushed = 0;
    /** Packets not yet heard to their end. @type {{seq: number, reply: number, start: number, end: number}[]} */
    this._unheard = [];
    this._heard = { reply: 0, samples: 0 };
    if (order.reply > 0 && order.received > 0) this._open(order.reply, order.received);
  }

  /** Take a packet. @param {import("./native.js").Packet} packet @returns {boolean}  whether it is a new one */
  audio(packet) {
    const { seq, reply, position, payload } = packet;
    const count = samplesIn(this._codec, payload, position);
    const brought = this._order.audio(packet, count);
    if (brought === null) return false;
    this._unheard.push({ seq, reply, start: position, end: position + count });
    if (this._unheard.length > UNHEARD_MAX) this._unheard.shift();
    if (reply <= this._flushed) {
      this._heardAll(reply);
      return true;
    }
    if (this._line?.reply !== reply) this._open(reply, 0);
    this._pending.push({ line: this._line, ...brought, skip: position === 0 ? this._skip : 0 });
    this._decoding.feed(payload);
    return true;
  }

  /** Do what a `playback-control` message says. @param {{action: string, reply: number, samples: number}} control */
  control({ action, reply, samples }) {
    if (action !== "end" && action !== "flush") return this._command({ do: action, reply });
    if (action === "end") {
      if (this._line?.reply !== reply) this._open(reply, 0); // a reply without sound
      this._line.total = samples;
      return this._endIfWhole(this._line);
    }
    this._flushed = Math.max(this._flushed, reply);
    for (const one of this._pending) if (one.line?.reply === reply) one.line = null;
    return this._command({ do: "flush", reply });
  }

  /**
   * Return a report of the playback worklet in the session's samples, and take note of what was heard.
   * @param {import("./playout.js").PlayoutReport} report  at the device's rate
   */
  heard({ reply, state, heard, underrun, reason }) {
    const samples = Math.floor((heard * this.rate) / this._deviceRate + 1e-6);
    this._heard = { reply, samples };
    if (state === "stopped") this._heardAll(reply);
    while (this._unheard.length > 0 && this._unheard[0].reply === reply && this._unheard[0].end <= samples) {
      this._unheard.shift();
    }
    const line = this._line;
    return {
      state, reply, reason,
      heard: line?.reply === reply && line.total !== null ? Math.min(samples, line.total) : samples,
      underrun: Math.floor((underrun * this.rate) / this._deviceRate),
    };
  }

  /** Return where a page that is loaded again goes on: the reply, and how many samples of it were heard. */
  get resumption() {
    if (this._unheard.length === 0) return { reply: this._order.reply, received: this._order.received };
    const [{ reply, start }] = this._unheard;
    return { reply, received: this._heard.reply === reply ? Math.max(start, this._heard.samples) : start };
  }

  /** Return the number of the first packet that was not heard to its end. */
  get acknowledged() {
    return this._unheard.length > 0 ? this._unheard[0].seq : this._order.packets;
  }

  /** Forget the replies of a session that is gone. */
  reset() {
    this._pending = this._pending.map((one) => ({ ...one, line: null }));
    this._unheard = [];
    this._line = null;
  }

  close() {
    this._decoding.close();
  }

  _open(reply, received) {
    const heard = Math.round((received * this._deviceRate) / this.rate);
    this._line = { reply, resampler: new Resampler(this.rate, this._deviceRate), produced: heard, waiting: 0, total: null, ended: false };
    if (this._pending.length === 0) this._decoding.reset();
    if (heard > 0) this._command({ do: "begin", reply, heard });
  }

  _decoded(decoded) {
    const { line, missing, known, skip } = this._pending.shift() ?? {};
    if (!line) return;
    if (missing > 0) this._give(line, line.resampler.feed(new Float32Array(missing)));
    const samples = decoded.subarray(skip + known);
    this._give(line, samples.length > 0 ? line.resampler.feed(samples.slice()) : samples);
    this._endIfWhole(line);
  }

  _give(line, samples) {
    if (samples.length === 0) return;
    line.produced += samples.length;
    this._command({ do: "add", reply: line.reply, samples });
  }

  /** End a reply of which all has come and is decoded. */
  _endIfWhole(line) {
    if (line.total === null) return;
    const { reply, received } = this._order;
    const whole = line.total === 0 || reply > line.reply || (reply === line.reply && received >= line.total);
    if (!whole || line.ended || this._pending.some((one) => one.line === line)) return;
    line.ended = true;
    this._give(line, line.resampler.flush());
    this._command({ do: "end", reply: line.reply, total: line.produced });
  }

  _heardAll(reply) {
    while (this._unheard.length > 0 && this._unheard[0].reply <= reply) this._unheard.shift();
  }
}
