/** Levels for the eye: how loud both sides are, whether the caller clips, for how long nothing was heard. */

/** dBFS told for silence. */
const FLOOR = -100;
/** A caller above this is there. */
const AUDIBLE = -50;
/** Share of full scale that counts as clipping, and seconds it is shown for. */
const CLIPPED = 0.99;
const SHOWN = 1;

export class Meters {
  constructor(now) {
    this._caller = this._agent = 0;
    this._audible = now;
    this._clipped = -Infinity;
    this._muted = false;
  }

  /** Learn of a frame of the caller, before the gate. */
  captured(now, { level, peak, open }) {
    this._caller = Math.max(this._caller, level);
    this._muted = !open;
    if (decibels(level) > AUDIBLE) this._audible = now;
    if (peak >= CLIPPED) this._clipped = now;
  }

  /** Learn how loud the agent was. */
  played(level) {
    this._agent = Math.max(this._agent, level);
  }

  /** Return the loudest since the last look. */
  look(now) {
    const levels = {
      caller: decibels(this._caller),
      agent: decibels(this._agent),
      clipping: now - this._clipped < SHOWN,
      muted: this._muted,
      silent: now - this._audible,
    };
    this._caller = this._agent = 0;
    return levels;
  }
}

/** Return a level as dBFS, -100 at least. @param {number} level  root of the mean square, 0..1 */
export function decibels(level) {
  return Math.max(FLOOR, 20 * Math.log10(level));
}
