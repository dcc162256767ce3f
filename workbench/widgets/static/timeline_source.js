/** Where a timeline's numbers and sound come from: a kernel, or the page itself. */

import { ElementPlayer, PATIENCE, WindowPlayer } from "./timeline_player.js";
import { SessionData } from "./timeline_session.js";
import { Waves } from "./timeline_waves.js";

/** The bytes of a DataView (as widgets get them) or an ArrayBuffer, from a place where typed arrays may begin. */
export function bufferOf(held) {
  if (!held) return new ArrayBuffer(0);
  if (held instanceof ArrayBuffer) return held;
  return held.buffer.slice(held.byteOffset, held.byteOffset + held.byteLength);
}

/** Put an overview, levels one after the other with their lengths told, into waves. */
export function putOverview(waves, overview, buffer) {
  for (const { track, level, offset, length } of overview) {
    waves.putLevel(track, level, new Int8Array(buffer, offset, length));
  }
}

/** The loudest value of an overview, so that a quiet session is seen too. */
export function loudest(overview, buffer) {
  let peak = 8;
  const coarsest = Math.max(0, ...overview.map((one) => one.level));
  for (const { level, offset, length } of overview) {
    if (level !== coarsest) continue;
    for (const value of new Int8Array(buffer, offset, length)) peak = Math.max(peak, Math.abs(value));
  }
  return peak;
}

/** A session in a kernel: traits hold what is seen first, messages bring the rest. */
export class KernelSource {
  constructor(model) {
    this.model = model;
    this.changed = () => {};
    this.waiting = new Map(); // request number -> what to do with the answer
    this.asked = 0;
    this.waves = new Waves(model.get("info").peaks, (track, level, number) => {
      model.send({ kind: "peaks", track, level, number });
    });
    this._message = (content, buffers) => this._take(content, buffers);
    this._traits = () => this._read();
    model.on("msg:custom", this._message);
    for (const name of ["overview", "turns", "info"]) model.on(`change:${name}`, this._traits);
    this._read();
    if (model.get("live")) model.send({ kind: "open" });
  }

  get hasSound() {
    return this.model.get("info").sound;
  }

  player(on) {
    const duration = () => this.session.duration;
    return new WindowPlayer({ fetch: (start, seconds) => this._sound(start, seconds), duration, on });
  }

  close() {
    this.model.off("msg:custom", this._message);
    for (const name of ["overview", "turns", "info"]) this.model.off(`change:${name}`, this._traits);
    for (const { fail } of this.waiting.values()) fail(new Error("the timeline was closed"));
    this.waiting.clear();
  }

  _read() {
    const info = this.model.get("info");
    if (this.read !== info.revision) {
      this.read = info.revision;
      this.session = new SessionData(info, bufferOf(this.model.get("index")));
    }
    const turns = this.model.get("turns");
    if (turns.length) this.session.turns = turns;
    const overview = bufferOf(this.model.get("overview"));
    if (overview.byteLength) {
      this.waves.clear();
      putOverview(this.waves, info.overview, overview);
    }
    this.peak = loudest(overview.byteLength ? info.overview : [], overview);
    this.changed();
  }

  _take(content, buffers) {
    if (content.kind === "peaks") {
      const bins = new Int8Array(bufferOf(buffers[0]));
      this.waves.putTile(content.track, content.level, content.number, bins);
      this.changed();
    } else if (content.kind === "more") {
      this.session.grow(content, bufferOf(buffers[0]));
      this.changed();
    } else if (content.kind === "sound") {
      const wanted = this.waiting.get(content.request);
      this.waiting.delete(content.request);
      wanted?.done({ rate: content.rate, samples: new Int16Array(bufferOf(buffers[0])) });
    }
  }

  _sound(start, seconds) {
    const request = ++this.asked;
    this.model.send({ kind: "sound", request, start, seconds });
    return new Promise((done, fail) => {
      const late = setTimeout(() => {
        this.waiting.delete(request);
        fail(new Error("The sound did not come: is the kernel busy with a cell?"));
      }, PATIENCE);
      const over = (act) => (value) => {
        clearTimeout(late);
        act(value);
      };
      this.waiting.set(request, { done: over(done), fail: over(fail) });
    });
  }
}

/** A session inside the page: all of it is here. */
export class PageSource {
  /**
   * @param {Object} info as the kernel's
   * @param {ArrayBuffer} index
   * @param {ArrayBuffer} overview
   * @param {HTMLAudioElement|null} element
   */
  constructor(info, index, overview, element) {
    this.session = new SessionData(info, index);
    this.waves = new Waves(info.peaks, () => {});
    putOverview(this.waves, info.overview, overview);
    this.peak = loudest(info.overview, overview);
    this.element = element;
    this.changed = () => {};
  }

  get hasSound() {
    return this.element !== null;
  }

  player(on) {
    return new ElementPlayer({ element: this.element, on });
  }

  close() {}
}
