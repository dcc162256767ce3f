/** What a page knows of a tuner, and its talk with the kernel: one question at a time, the newest settings first. */

import { PATIENCE } from "./timeline_player.js";
import { bufferOf } from "./timeline_source.js";
import { readTables } from "./timeline_tables.js";
import { changedTurns, fatesOf, movedSettings } from "./tuner_math.js";

const TRAITS = ["info", "settings", "recorded", "decided", "outcome", "front", "selected", "turn", "wave", "live"];

export class TunerState {
  /** @param {object} model @param {(what: string) => void} changed called with the trait that changed, or "settings" */
  constructor(model, changed) {
    Object.assign(this, { model, changed });
    this.info = model.get("info");
    this.settings = { ...model.get("settings") };
    this.waiting = false; // for the kernel's answer to the settings sent last
    this.moved = false; // whether they were moved meanwhile
    this.applying = false; // whether they are to be applied once it has come
    this.sounds = new Map();
    this.asked = 0;
    this.listeners = TRAITS.map((name) => [`change:${name}`, () => this._changed(name)]);
    this.listeners.push(["msg:custom", (content, buffers) => this._message(content, buffers)]);
    for (const [event, listener] of this.listeners) model.on(event, listener);
    this._read();
  }

  get(name) {
    return this.model.get(name);
  }

  /** Move a setting. */
  move(name, value) {
    this.take(movedSettings(this.settings, name, value));
  }

  /** Take settings, those known here; the newest win if the kernel is still at work. */
  take(settings) {
    const known = Object.fromEntries(this.info.sliders.map(({ name }) => [name, settings[name] ?? this.settings[name]]));
    if (same(known, this.settings)) return;
    this.settings = known;
    this.changed("settings");
    if (this.waiting) this.moved = true;
    else this._send();
  }

  select(place) {
    const last = this.info.turns.length - 1;
    this.model.set("selected", Math.min(Math.max(0, place), last));
    this.model.save_changes();
  }

  /** Apply the settings that are shown, once the kernel has decided them. */
  apply() {
    this.applying = this.waiting;
    if (!this.waiting) this.model.send({ kind: "apply" });
  }

  /** A window of the turn's sound. @returns {Promise<{rate: number, samples: Int16Array}>} */
  sound(start, seconds) {
    const request = ++this.asked;
    this.model.send({ kind: "sound", request, start, seconds });
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.sounds.delete(request);
        fail(new Error("The sound did not come: is the kernel busy with a cell?"));
      }, PATIENCE);
      this.sounds.set(request, { done, timer });
    });
  }

  close() {
    for (const [event, listener] of this.listeners) this.model.off(event, listener);
    for (const { timer } of this.sounds.values()) clearTimeout(timer);
  }

  /** One turn's columns. */
  row(which, place) {
    const columns = this[which];
    return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[place]]));
  }

  _send() {
    this.moved = false;
    if (same(this.settings, this.model.get("settings"))) return; // moved there and back: nothing would be answered
    this.waiting = true;
    this.model.set("settings", { ...this.settings });
    this.model.save_changes();
  }

  _changed(name) {
    if (name === "outcome") {
      this.waiting = false;
      if (this.moved) this._send();
      if (this.applying) this.apply();
    }
    if (name === "settings" && !this.waiting) this.settings = { ...this.model.get("settings") };
    if (["info", "recorded", "decided"].includes(name)) this._read();
    this.changed(name);
  }

  _read() {
    this.info = this.model.get("info");
    const read = (name) => readTables(this.info.layout, bufferOf(this.model.get(name))).turns.columns;
    this.before = read("recorded");
    this.now = read("decided");
    this.fates = fatesOf(this.before, this.now);
    this.places = changedTurns(this.fates);
  }

  _message(content, buffers) {
    if (content.kind !== "sound") return;
    const asked = this.sounds.get(content.request);
    this.sounds.delete(content.request);
    clearTimeout(asked?.timer);
    asked?.done({ rate: content.rate, samples: new Int16Array(bufferOf(buffers[0])) });
  }
}

function same(one, other) {
  return Object.keys(one).every((name) => one[name] === other[name]);
}
