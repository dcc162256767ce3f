/** The caller's stream: frames of 20 ms become numbered packets at their positions. */

import { encodingOf, formatsOf, lookaheadOf } from "./codec.js";
import { CALLER, packPacket } from "./native.js";

export class CallerStream {
  /**
   * @param {import("./codec.js").CodecName} codec
   * @param {(data: ArrayBuffer, samples: number) => void} post  called with each packet, in order
   * @param {() => void} broke  the browser's encoder failed
   */
  constructor(codec, post, broke) {
    this.rate = formatsOf(codec).input.rate;
    /** Samples of a frame. */
    this.size = this.rate / 50;
    this._skip = lookaheadOf(codec);
    this._post = post;
    /** Frames of the stream before the next packet. */
    this._packets = 0;
    this._encoding = encodingOf(codec, (payload) => this._packet(payload), broke);
  }

  /** Return the position of the stream's next sample, in seconds: of what will be fed, not of what is encoded. */
  get fed() {
    return this._fed / this.rate;
  }

  _fed = 0;

  /** Go on where the endpoint is: at a position of its `welcome`. Only before anything was fed. */
  startAt(position) {
    this._packets = Math.ceil((position + (position > 0 ? this._skip : 0)) / this.size);
    this._fed = this._packets * this.size;
  }

  /** Take in the next 20 ms. @param {Float32Array} frame */
  feed(frame) {
    this._fed += frame.length;
    this._encoding.feed(frame);
  }

  /** Use so many bits a second, where the codec can. */
  setBitrate(bitrate, options) {
    this._encoding.setBitrate(bitrate, options);
  }

  close() {
    this._encoding.close();
  }

  _packet(payload) {
    const start = this._packets * this.size - this._skip;
    const position = Math.max(0, start);
    const seq = this._packets;
    this._packets += 1;
    this._post(packPacket({ direction: CALLER, seq, position, payload }), this.size + Math.min(0, start));
  }
}
