/**
 * Where the sound card's frames lie on the session's timeline.
 *
 * The device's time is the caller's stream's: zero at its first sample, whatever page sent it. A frame that arrives was
 * captured no later than now; the least of what that says of zero, over some seconds, is what is believed: most frames are
 * delivered at once.
 */

/** Seconds over which the least is taken, at least; twice as many at most. Longer than a busy page, short against drift. */
const WINDOW = 10;

export class DeviceClock {
  /** @param {number} rate  of the device, Hz */
  constructor(rate) {
    this._rate = rate;
    this._first = null;
    this._offset = 0;
    this._least = [Infinity, Infinity];
    this._turned = 0;
  }

  /** Begin with the frame after which the stream goes on at `seconds`. */
  begin(frame, seconds) {
    this._first = frame;
    this._offset = seconds;
    this._least = [Infinity, Infinity];
  }

  /** Return whether it has begun. */
  get running() {
    return this._first !== null;
  }

  /** Return the device's time at a frame, seconds. */
  at(frame) {
    return this._offset + (frame - (this._first ?? frame)) / this._rate;
  }

  /** Learn that what ends at a frame has arrived. */
  arrived(now, frame) {
    if (now - this._turned > WINDOW) {
      this._least = [this._least[1], Infinity];
      this._turned = now;
    }
    this._least[1] = Math.min(this._least[1], now - this.at(frame));
  }

  /** Return when, on this side's clock, the device's time was zero. */
  get zero() {
    return Math.min(...this._least);
  }
}
