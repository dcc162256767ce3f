/** What the page has of the endpoint's numbered messages: each is taken once, in order. */

import { ProtocolFault } from "./native.js";

export class Order {
  /** @param {{events?: number, controls?: number, audio?: number, reply?: number, received?: number, at?: number, turn?: number}} [had]  before a reload */
  constructor({ events = 0, controls = 0, audio = 0, reply = 0, received = 0, at = 0, turn = 0 } = {}) {
    Object.assign(this, { events, controls, packets: audio, reply, received, at, turn });
    /** Messages that came again. */
    this.duplicates = 0;
    /** Samples of replies that never came; silence stands for them. */
    this.lost = 0;
  }

  /** Return of each kind the next number expected. */
  get seen() {
    return { events: this.events, controls: this.controls, audio: this.packets };
  }

  /** Return whether an event is a new one; throws ProtocolFault if one is missing before it. */
  event({ seq, at, turn }) {
    if (!this._next("event", seq, this.events)) return false;
    this.events = seq + 1;
    this.at = at;
    this.turn = turn;
    return true;
  }

  /** Return whether a control message is a new one; throws ProtocolFault if one is missing before it. */
  control({ seq }) {
    if (!this._next("control", seq, this.controls)) return false;
    this.controls = seq + 1;
    return true;
  }

  /**
   * Return what a packet of `count` samples brings: silence to put in before it, samples of it to pass over. Null for
   * one that came before.
   * @param {import("./native.js").Packet} packet @param {number} count
   */
  audio({ seq, reply, position }, count) {
    if (seq < this.packets) {
      this.duplicates += 1;
      return null;
    }
    this.packets = seq + 1;
    if (reply !== this.reply) {
      this.reply = reply;
      this.received = 0;
    }
    const missing = Math.max(0, position - this.received);
    const known = Math.max(0, Math.min(count, this.received - position)); // a new process sends one that began earlier
    this.lost += missing;
    this.received += missing + count - known;
    return { missing, known };
  }

  _next(what, seq, expected) {
    if (seq > expected) throw new ProtocolFault(`${what} ${seq} came, expected ${expected}`);
    if (seq < expected) this.duplicates += 1;
    return seq === expected;
  }
}
