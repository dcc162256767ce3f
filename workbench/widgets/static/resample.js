/**
 * A stream of samples at another rate: a polyphase filter, a sinc under a Kaiser window.
 *
 * Output sample n stands for the same moment as input time n * from / to: the filter's delay is taken off, so that
 * positions stay true. It needs `LOBES` samples of the lower rate ahead, 1 ms at 16 kHz.
 * Pass band to 0.86 of the lower half rate, 80 dB down at 1.0 of it (tested with sines).
 * Source: Smith, "Digital Audio Resampling Home Page" (2002), windowed sinc.
 */

/** Zero crossings of the sinc on either side. */
const LOBES = 36;
const BETA = 8.0;
/** Middle of the transition, as a share of the lower half rate. */
const CUTOFF = 0.93;
/** Most phases of a filter: all rates of sound cards need fewer. */
const PHASES_MAX = 2000;

export class Resampler {
  /** @param {number} from  Hz @param {number} to  Hz; throws RangeError for rates that have too little in common */
  constructor(from, to) {
    const divisor = gcd(from, to);
    this._up = to / divisor;
    this._down = from / divisor;
    if (!(this._up <= PHASES_MAX) || !Number.isInteger(from) || !Number.isInteger(to)) {
      throw new RangeError(`rates of ${from} and ${to} Hz can't be converted, expected whole ones with a large common divisor`);
    }
    const scale = Math.min(1, to / from);
    this._half = Math.ceil(LOBES / scale);
    this._filters = from === to ? null : filters(this._up, this._half, scale);
    this._held = new Float32Array(this._half - 1); // silence before the first sample
    this._start = -(this._half - 1); // input position of the first sample held
    this._produced = 0;
    this._taken = 0;
  }

  /** Return the output samples that can be computed now. @param {Float32Array} samples */
  feed(samples) {
    if (this._filters === null) return samples;
    this._taken += samples.length;
    const input = joined(this._held, samples);
    const end = this._start + input.length;
    const count = Math.max(0, Math.ceil(((end - this._half) * this._up) / this._down) - this._produced);
    return this._compute(input, count);
  }

  /** Return the rest after the last sample; the stream is over. */
  flush() {
    if (this._filters === null) return new Float32Array(0);
    const input = joined(this._held, new Float32Array(this._half + 1));
    const count = Math.max(0, Math.ceil((this._taken * this._up) / this._down) - this._produced);
    return this._compute(input, count);
  }

  _compute(input, count) {
    const output = new Float32Array(count);
    const width = 2 * this._half;
    for (let n = 0; n < count; n++) {
      const ticks = (this._produced + n) * this._down;
      const whole = Math.floor(ticks / this._up);
      const filter = this._filters[ticks - whole * this._up];
      const first = whole - this._half + 1 - this._start;
      let sum = 0;
      for (let k = 0; k < width; k++) sum += filter[k] * input[first + k];
      output[n] = sum;
    }
    this._produced += count;
    const next = Math.floor((this._produced * this._down) / this._up) - this._half + 1;
    const cut = Math.min(Math.max(0, next - this._start), input.length);
    this._held = input.slice(cut);
    this._start += cut;
    return output;
  }
}

/** Return a filter for each phase: 2 * half taps, the middle between taps half - 1 and half at phase 0 on half - 1. */
function filters(up, half, scale) {
  const cutoff = CUTOFF * scale;
  const all = [];
  for (let phase = 0; phase < up; phase++) {
    const taps = new Float32Array(2 * half);
    let sum = 0;
    for (let k = 0; k < 2 * half; k++) {
      const x = k - (half - 1) - phase / up;
      const place = x / half;
      taps[k] = Math.abs(place) < 1 ? cutoff * sinc(cutoff * x) * bessel(BETA * Math.sqrt(1 - place * place)) : 0;
      sum += taps[k];
    }
    for (let k = 0; k < 2 * half; k++) taps[k] /= sum; // a constant stays what it is
    all.push(taps);
  }
  return all;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of the first kind, order 0: its series, to double precision for what is used here. */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}

function joined(a, b) {
  const all = new Float32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
