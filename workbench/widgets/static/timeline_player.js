/** Listening from anywhere: sound fetched a window at a time, or a sound element of a page that holds it all. */

/** Seconds of a window, how far ahead the next is fetched, and how long one may take to come. */
export const WINDOW = 10;
export const AHEAD = 4;
export const PATIENCE = 8000;

/**
 * What to fetch and when it sounds: windows that begin where the last ended.
 * @returns {{start: number, seconds: number}|null} the next window, null at the end
 */
export function nextWindow(place, duration, window = WINDOW) {
  return place >= duration - 0.001 ? null : { start: place, seconds: Math.min(window, duration - place) };
}

/** Interleaved 16-bit samples, caller left and agent right, as one array a side. */
export function sides(interleaved) {
  const count = Math.floor(interleaved.length / 2);
  const [left, right] = [new Float32Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i += 1) {
    left[i] = interleaved[2 * i] / 32768;
    right[i] = interleaved[2 * i + 1] / 32768;
  }
  return [left, right];
}

/** Plays windows that `fetch(start, seconds)` brings as {rate, samples}. */
export class WindowPlayer {
  constructor({ fetch, duration, on, makeContext = () => new AudioContext() }) {
    Object.assign(this, { fetch, duration, on, makeContext });
    this.context = null;
    this.round = 0; // a new one for each play and stop: what was fetched for an older one is dropped
    this.playing = false;
    this.nodes = new Set();
  }

  async play(from) {
    this.stop();
    const round = ++this.round;
    this.context ??= this.makeContext();
    this.playing = true;
    await this.context.resume();
    let place = from;
    let due = null; // context time at which `place` sounds
    this.begun = null;
    while (round === this.round) {
      const wanted = nextWindow(place, this.duration());
      if (!wanted) break;
      let brought;
      try {
        brought = await this.fetch(wanted.start, wanted.seconds);
      } catch (error) {
        if (round === this.round) this._over(error.message);
        return;
      }
      if (round !== this.round) return;
      const length = brought.samples.length / 2 / brought.rate;
      if (!(length > 0)) break;
      due = Math.max(due ?? 0, this.context.currentTime + 0.03);
      this.begun = { due, place, length };
      this.schedule ??= [];
      this.schedule.push(this.begun);
      this._sound(brought, due);
      place += length;
      due += length;
      await this._until(due - AHEAD, round);
    }
    if (due !== null) await this._until(due, round);
    if (round === this.round) this._over(null);
  }

  /** The session second that sounds now, null when nothing does. */
  position() {
    if (!this.playing || !this.schedule?.length) return null;
    const now = this.context.currentTime;
    while (this.schedule.length > 1 && this.schedule[1].due <= now) this.schedule.shift();
    const { due, place, length } = this.schedule[0];
    return place + Math.min(Math.max(0, now - due), length);
  }

  stop() {
    this.round += 1;
    this.playing = false;
    this.schedule = null;
    for (const node of this.nodes) node.stop();
    this.nodes.clear();
  }

  close() {
    this.stop();
    this.context?.close();
    this.context = null;
  }

  _sound({ rate, samples }, due) {
    const [left, right] = sides(samples);
    const buffer = this.context.createBuffer(2, left.length, rate);
    buffer.copyToChannel(left, 0);
    buffer.copyToChannel(right, 1);
    const node = this.context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.context.destination);
    node.onended = () => this.nodes.delete(node);
    node.start(due);
    this.nodes.add(node);
  }

  _until(due, round) {
    const wait = (due - this.context.currentTime) * 1000;
    return wait <= 0 || round !== this.round ? null : new Promise((done) => setTimeout(done, wait));
  }

  _over(problem) {
    this.playing = false;
    this.schedule = null;
    this.on("ended", problem);
  }
}

/** The same of an <audio> element. */
export class ElementPlayer {
  constructor({ element, on }) {
    this.element = element;
    this.playing = false;
    element.addEventListener("ended", () => {
      this.playing = false;
      on("ended", null);
    });
  }

  async play(from) {
    this.element.currentTime = from;
    this.playing = true;
    await this.element.play();
  }

  position() {
    return this.playing ? this.element.currentTime : null;
  }

  stop() {
    this.playing = false;
    this.element.pause();
  }

  close() {
    this.stop();
  }
}
