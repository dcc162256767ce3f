/** How much of a reply is waited for before it plays: grows with jitter and underruns, shrinks slowly. */

export const TARGET = {
  /** Seconds, at the start and at least: 40 ms and more had no gaps where it was measured. */
  least: 0.06,
  most: 0.6,
  /** Times the jitter that is waited for. */
  margin: 2,
  /** What an underrun adds, as a share and in seconds. */
  growth: 1.5,
  step: 0.02,
  /** Seconds without an underrun before it shrinks, and seconds it shrinks by in a second. */
  calm: 10,
  shrink: 0.005,
};

export class Target {
  constructor(settings = TARGET) {
    this._settings = settings;
    this._target = settings.least;
    this._underruns = 0;
    this._calmSince = 0;
    this._at = 0;
  }

  /**
   * Return the target in seconds.
   * @param {number} now @param {{jitter: number, underruns: number}} measured  seconds a packet is late; underruns so far
   */
  decide(now, { jitter, underruns }) {
    const { least, most, margin, growth, step, calm, shrink } = this._settings;
    if (underruns > this._underruns) {
      this._target = this._target * growth + step;
      this._calmSince = now;
    } else if (now - this._calmSince > calm) {
      this._target -= shrink * Math.min(1, now - this._at);
    }
    this._underruns = underruns;
    this._at = now;
    this._target = Math.min(most, Math.max(least, margin * jitter, this._target));
    return this._target;
  }
}

/** Seconds of a reply that an endpoint sends at a time: so late a packet is without any jitter. */
const PACED = 0.1;

/** Follows how late the packets of a reply are, against the quickest of it: seconds, decaying over some packets. */
export class Lateness {
  constructor() {
    this.jitter = 0;
    this._reply = 0;
    this._quickest = Infinity;
  }

  /** Learn that the packet at `position` seconds of a reply has arrived. */
  arrived(now, reply, position) {
    if (reply !== this._reply) {
      this._reply = reply;
      this._quickest = Infinity;
    }
    const delay = now - position;
    this._quickest = Math.min(this._quickest, delay);
    const late = Math.max(0, delay - this._quickest - PACED);
    this.jitter += (late - this.jitter) / (late > this.jitter ? 2 : 32);
  }
}
