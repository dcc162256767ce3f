/** Sounds of one trial that start together, so that any can be heard from the same position at once. */

/** Seconds in which one sound gives way to another: no click, and too short to be heard as a fade. */
export const CROSSFADE = 0.008;
const LEAD = 0.02;

/** 16-bit samples as floats. @param {Int16Array} samples */
export function floatsOf(samples) {
  const found = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i += 1) found[i] = samples[i] / 32768;
  return found;
}

/** Plays one of several sounds, and goes from one to another. */
export class SwitchPlayer {
  /** @param {{on: () => void, makeContext?: () => AudioContext}} options `on` is told when sound begins or ends */
  constructor({ on, makeContext = () => new AudioContext() }) {
    Object.assign(this, { on, makeContext });
    this.context = null;
    this.held = [];
    this.running = null; // {nodes, due, from} while something sounds
    this.which = 0;
    this.at = 0; // where it goes on after a pause
  }

  /** @param {Float32Array[]} sounds @param {number} rate */
  load(sounds, rate) {
    this.stop();
    this.held = sounds;
    this.rate = rate;
    this.buffers = null;
    this.which = 0;
    this.at = 0;
  }

  get ready() {
    return this.held.length > 0;
  }

  get playing() {
    return this.running !== null;
  }

  /** Seconds a sound lasts. */
  seconds(which) {
    return this.held[which] ? this.held[which].length / this.rate : 0;
  }

  /** Seconds into the sound that is played or paused. */
  position() {
    if (!this.running) return this.at;
    return Math.max(this.running.from, this.running.from + this.context.currentTime - this.running.due);
  }

  /** Where it is, for reading; of the longest of all, as X or the hidden reference would be known by its length. */
  clock() {
    const longest = Math.max(0, ...this.held.map((_, which) => this.seconds(which)));
    return longest ? `${Math.min(this.position(), longest).toFixed(1)} s of ${longest.toFixed(1)} s` : "…";
  }

  /** Play `which` from `from` seconds; all others run along unheard. */
  play(which, from = 0) {
    this._silence();
    this.context ??= this.makeContext();
    this.context.resume();
    this._prepare();
    this.which = which;
    const start = from < this.seconds(which) - 0.02 ? from : 0;
    const due = this.context.currentTime + LEAD;
    const nodes = this.buffers.map((buffer, place) => this._node(buffer, place === which ? 1 : 0, due, start));
    this.running = { nodes, due, from: start };
    for (const [place, { source }] of nodes.entries()) {
      source.onended = () => { if (this.running?.nodes === nodes && place === this.which) this._over(); };
    }
    this.on();
  }

  /** Hear `which` from where the other is; from its start if it is shorter than that, or nothing sounds. */
  switchTo(which) {
    const position = this.position();
    if (!this.running || position >= this.seconds(which) - 0.02) {
      this.play(which, position);
      return;
    }
    const now = this.context.currentTime;
    for (const [place, { gain }] of this.running.nodes.entries()) {
      gain.gain.cancelScheduledValues(now);
      gain.gain.setValueAtTime(gain.gain.value, now);
      gain.gain.linearRampToValueAtTime(place === which ? 1 : 0, now + CROSSFADE);
    }
    this.which = which;
    this.on();
  }

  /** Pause, to go on from there. */
  pause() {
    this.at = this.position();
    this._silence();
    this.on();
  }

  /** End, to begin anew. */
  stop() {
    this._silence();
    this.at = 0;
    this.on();
  }

  close() {
    this._silence();
    this.context?.close();
  }

  _over() {
    this._silence();
    this.at = 0;
    this.on();
  }

  _prepare() {
    this.buffers ??= this.held.map((samples) => {
      const buffer = this.context.createBuffer(1, samples.length, this.rate);
      buffer.copyToChannel(samples, 0);
      return buffer;
    });
  }

  _node(buffer, level, due, from) {
    const source = this.context.createBufferSource();
    const gain = this.context.createGain();
    source.buffer = buffer;
    gain.gain.value = level;
    source.connect(gain);
    gain.connect(this.context.destination);
    if (from < buffer.duration) source.start(due, from);
    else source.start(due, buffer.duration);
    return { source, gain };
  }

  _silence() {
    if (!this.running) return;
    for (const { source, gain } of this.running.nodes) {
      source.onended = null;
      source.stop();
      gain.disconnect();
    }
    this.running = null;
  }
}
