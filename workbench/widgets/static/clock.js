/** The session's clock, seen from here: the offset of the quickest round trip among the last ones. */

/** Round trips looked at: with one each 2 s a minute, in which two clocks drift apart by 6 ms at most (100 ppm). */
const TRIPS = 30;

export class SessionClock {
  constructor() {
    /** @type {{trip: number, offset: number}[]} */
    this._trips = [];
    this._offset = 0;
    /** Seconds the last round trip took; 0 before any. */
    this.roundTrip = 0;
    /** Mean difference between one round trip and the next, seconds; smoothed as in RFC 3550. */
    this.jitter = 0;
  }

  /** Learn the session time of a welcome; what was measured with another process's clock is forgotten. */
  welcomed(now, at, { sameClock }) {
    if (sameClock && this._trips.length > 0) return;
    this._trips = [];
    this._offset = at - now;
  }

  /** Learn that a ping of `sent`, on this side's clock, was answered at session time `at`. */
  pong(now, sent, at) {
    const trip = now - sent;
    if (this._trips.length > 0) this.jitter += (Math.abs(trip - this.roundTrip) - this.jitter) / 16;
    this.roundTrip = trip;
    this._trips.push({ trip, offset: at - (sent + now) / 2 });
    if (this._trips.length > TRIPS) this._trips.shift();
    this._offset = this._trips.reduce((best, one) => (one.trip < best.trip ? one : best)).offset;
  }

  /** Return the session time at time `now` of this side's clock. */
  at(now) {
    return now + this._offset;
  }

  /** Return the quickest round trip looked at, seconds; Infinity before any: the offset is wrong by half of it at most. */
  get quickest() {
    return Math.min(Infinity, ...this._trips.map((one) => one.trip));
  }
}
