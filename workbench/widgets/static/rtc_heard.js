/**
 * How far a reply was heard in a track that never ends: a pure estimate.
 *
 * The endpoint says with `voice` at which sample a reply begins to sound in the track or falls silent; the sound follows
 * that word by what the browser's jitter buffer and output hold, so each word counts `delay` seconds after it came. The
 * samples are the endpoint's, exact; when they were heard is true to some 30 ms (`docs/webrtc.md`).
 *
 * @typedef {import("./transport.js").PlaybackReport} PlaybackReport
 */

/** Seconds between reports while a reply plays. */
const HEARD_EVERY = 0.2;

export class RtcHeard {
  /** @param {number} rate  of the session's output */
  constructor(rate) {
    this._rate = rate;
    /** What is to come: {at, voice, why}. */
    this._coming = [];
    /** The reply that plays or stands still. */
    this._current = null;
    this._totals = new Map();
    this._paused = false;
    /** The newest reply that is over, and the newest that was silenced. */
    this._done = this._flushed = 0;
    this._reports = [];
  }

  /** Learn what the track does. @param {{reply: number, position: number, state: "playing"|"silent"}} voice @param {number} now @param {number} delay */
  voice(voice, now, delay) {
    const last = this._coming.at(-1)?.at ?? -Infinity;
    this._coming.push({ at: Math.max(last, now + delay), voice, paused: this._paused });
  }

  /** Do what a `playback-control` says. @param {{action: string, reply: number, samples: number}} control @param {number} now */
  control({ action, reply, samples }, now) {
    if (action === "pause") this._paused = true;
    if (action === "resume") this._paused = false;
    if (action === "end") {
      this._totals.set(reply, { samples });
      const current = this._current;
      if (current?.reply === reply && !current.plays && current.heard >= samples) this._stop(now, "finished");
    }
    if (action === "flush") this._flush(reply, now);
    for (const known of this._totals.keys()) if (known < reply - 8) this._totals.delete(known);
  }

  /** Return what happened up to now. @param {number} now @returns {PlaybackReport[]} */
  reports(now) {
    while (this._coming.length > 0 && this._coming[0].at <= now) this._happens(this._coming.shift());
    const current = this._current;
    if (current?.plays && now - current.told >= HEARD_EVERY) {
      current.told = now;
      this._report(now, "playing");
    }
    return this._reports.splice(0);
  }

  /** Stop whatever plays: the session is over. @param {number} now */
  close(now) {
    this.reports(now);
    if (this._current) this._stop(now, "closed");
    return this._reports.splice(0);
  }

  _happens({ at, voice: { reply, position, state }, paused }) {
    if (reply <= this._done) return;
    if (this._current && this._current.reply !== reply) this._stop(at, "finished");
    if (state === "playing") return this._sounds(at, reply, position);
    const current = this._current;
    if (!current) return undefined;
    Object.assign(current, { plays: false, heard: position, since: at });
    if (reply <= this._flushed) return this._stop(at, "barge-in");
    if (position >= (this._totals.get(reply)?.samples ?? Infinity)) return this._stop(at, "finished");
    current.paused = paused;
    if (paused) this._report(at, "paused");
    return undefined;
  }

  _sounds(at, reply, position) {
    const current = this._current;
    if (current === null) {
      this._current = { reply, heard: position, since: at, told: at, plays: true, paused: false, underrun: 0 };
      return this._report(at, "started");
    }
    if (!current.plays && !current.paused) current.underrun += Math.round((at - current.since) * this._rate);
    const resumed = current.paused;
    Object.assign(current, { heard: position, since: at, told: at, plays: true, paused: false });
    return resumed ? this._report(at, "resumed") : undefined;
  }

  _flush(reply, now) {
    this._paused = false;
    if (reply <= this._done) return;
    this._flushed = Math.max(this._flushed, reply);
    const current = this._current;
    const sounds = (current?.reply === reply && current.plays) || this._coming.some((one) => one.voice.reply === reply);
    if (sounds || (current && current.reply !== reply)) return; // the word where it fell silent is on its way
    this._current = current ?? { reply, heard: 0, since: now, told: now, plays: false, paused: false, underrun: 0 };
    this._stop(now, "barge-in");
  }

  _stop(now, reason) {
    this._report(now, "stopped", reason);
    this._done = this._current.reply;
    this._totals.delete(this._done);
    this._current = null;
  }

  _report(now, state, reason = "") {
    const { reply, heard, since, plays, underrun } = this._current;
    const total = this._totals.get(reply)?.samples ?? Infinity;
    const far = plays ? heard + Math.round((now - since) * this._rate) : heard;
    this._reports.push({ state, reply, heard: Math.min(far, total), underrun, reason });
  }
}
