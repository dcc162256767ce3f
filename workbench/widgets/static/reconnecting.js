/** Whether and when to try again after a lost connection: exponential back-off with full jitter. */

import { CODE, HELD_CODES, NO_CLOSE } from "./native.js";

/** HTTP statuses of an endpoint, or of what stands before it, that may answer otherwise in a while. */
const BUSY_STATUS = [429, 500, 502, 503, 504];

/** Seconds, except `shortLivedMax`: connections in a row that were lost before they were `steady`. */
export const PATIENCE = { first: 0.1, longest: 5, patience: 60, steady: 2, shortLivedMax: 20 };

/** @typedef {{wait: number} | {giveUp: string}} Decision */

export class Reconnecting {
  /** @param {() => number} random  0..1: pages that lost the same endpoint don't return together */
  constructor(random, settings = PATIENCE) {
    this._random = random;
    this._settings = settings;
    /** Seconds the endpoint holds the session, once it said so. */
    this.hold = Infinity;
    this._tries = 0;
    this._shortLived = 0;
    this._lostAt = null;
    this._connectedAt = null;
  }

  /** Learn that a connection carries the session. */
  connected(now) {
    this._connectedAt = now;
    this._lostAt = null;
  }

  /** Decide after a connection ended with a close code. @returns {Decision} */
  lost(now, code) {
    if (!NO_CLOSE.includes(code) && !HELD_CODES.includes(code)) {
      return { giveUp: `the endpoint closed with code ${code}` };
    }
    const carriedSince = this._connectedAt;
    this._connectedAt = null;
    if (carriedSince === null) return this._next(now); // it never carried the session: no better than none
    if (now - carriedSince >= this._settings.steady) {
      this._tries = this._shortLived = 0;
    } else {
      this._shortLived += 1;
    }
    if (this._shortLived > this._settings.shortLivedMax) {
      return { giveUp: `${this._shortLived} connections in a row were lost at once` };
    }
    this._lostAt = now;
    if (code === CODE.expired || code === CODE.stalled) return { wait: 0 };
    return this._next(now);
  }

  /** Learn that it was left on purpose: patience begins anew. */
  woken() {
    this._lostAt = null;
    this._tries = 0;
  }

  /** Decide after no connection came about. @param {number | null} status  HTTP status of a refusal, where it is known @returns {Decision} */
  failed(now, status) {
    if (status !== null && !BUSY_STATUS.includes(status)) {
      return { giveUp: `the endpoint refused with status ${status}` };
    }
    return this._next(now);
  }

  _next(now) {
    this._lostAt ??= now;
    const patience = Math.min(this._settings.patience, this.hold);
    const longest = Math.min(this._settings.longest, this._settings.first * 2 ** Math.min(this._tries, 30));
    this._tries += 1;
    const left = this._lostAt + patience - now;
    if (left <= 0) return { giveUp: `no endpoint answered for ${patience} s` };
    return { wait: Math.min(longest * this._random(), left) };
  }
}
