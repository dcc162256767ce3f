/**
 * The capture worklet: what the microphone gives, as frames of 20 ms at the session's rate, to the worker.
 *
 * The stream never stops: while the microphone is muted, push-to-talk is up or no source is there, it is silence. A
 * frame is told with the place of its end on the device's clock, with its level before the gate, and whether the gate was shut.
 */

import { Resampler } from "./resample.js";

/** Samples over which the gate opens and shuts, at the device's rate. */
const RAMP = 240;

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this._resampler = new Resampler(sampleRate, rate);
    this._rate = rate;
    this._frame = new Float32Array(rate / 50);
    this._filled = 0;
    this._frames = 0;
    this._zero = null;
    this._mono = new Float32Array(128);
    this._gain = 1;
    this._open = true;
    this._running = true;
    this._square = 0;
    this._peak = 0;
    this._count = 0;
    this._out = null;
    this.port.onmessage = ({ data }) => {
      if (data.port) this._out = data.port;
      if (data.open !== undefined) this._open = data.open;
      if (data.stop) this._running = false;
    };
  }

  process([channels]) {
    if (this._out === null) return this._running;
    this._zero ??= currentFrame;
    const mono = this._mix(channels);
    this._measure(mono);
    this._gate(mono);
    const samples = this._resampler.feed(mono.slice());
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(samples.length - at, this._frame.length - this._filled);
      this._frame.set(samples.subarray(at, at + count), this._filled);
      this._filled += count;
      at += count;
      if (this._filled === this._frame.length) this._post();
    }
    return this._running;
  }

  _mix(channels) {
    const length = channels.length > 0 ? channels[0].length : 128;
    if (this._mono.length !== length) this._mono = new Float32Array(length);
    const mono = this._mono.fill(0);
    for (const channel of channels) for (let n = 0; n < length; n++) mono[n] += channel[n] / channels.length;
    return mono;
  }

  _measure(mono) {
    for (const x of mono) {
      this._square += x * x;
      this._peak = Math.max(this._peak, Math.abs(x));
    }
    this._count += mono.length;
  }

  _gate(mono) {
    const step = (this._open ? 1 : -1) / RAMP;
    for (let n = 0; n < mono.length; n++) {
      this._gain = Math.max(0, Math.min(1, this._gain + step));
      mono[n] *= this._gain;
    }
  }

  _post() {
    this._frames += 1;
    const end = this._zero + (this._frames * sampleRate) / 50;
    const level = Math.sqrt(this._square / Math.max(1, this._count));
    const frame = this._frame;
    this._out.postMessage({ frame, end, level, peak: this._peak, open: this._open }, [frame.buffer]);
    this._frame = new Float32Array(this._rate / 50);
    this._filled = this._square = this._peak = this._count = 0;
  }
}

registerProcessor("workbench-capture", Capture);
