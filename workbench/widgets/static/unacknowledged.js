/** What the page has sent, or would have, and the endpoint has not acknowledged: to be sent again. */

/** Text messages kept; the oldest are dropped. */
export const MESSAGES_MAX = 2000;

/** @typedef {{data: string | ArrayBuffer, number: number, samples: number}} Entry  `number` of a text message, or the position after an audio packet's last sample; `samples` 0 for text */

export class Unacknowledged {
  /** @param {number} samplesMax  samples of audio kept; the oldest are dropped, and counted */
  constructor(samplesMax, { messages = 0, position = 0 } = {}) {
    this.samplesMax = samplesMax;
    /** Samples dropped before they were acknowledged. */
    this.dropped = 0;
    /** @type {Entry[]} */
    this._log = [];
    this._sent = 0;
    this._samples = 0;
    this._texts = 0;
    this._nextMessage = messages;
    this._end = position;
  }

  /** Return the oldest message and the oldest sample that can be sent again. */
  get oldest() {
    const text = this._log.find((one) => one.samples === 0);
    const audio = this._log.find((one) => one.samples > 0);
    return {
      messages: text ? text.number : this._nextMessage,
      position: audio ? audio.number - audio.samples : this._end,
    };
  }

  /** Return the next number of a message, and the position of the next sample. */
  get next() {
    return { messages: this._nextMessage, position: this._end };
  }

  /** Return how many samples wait to be sent. */
  get unsent() {
    let samples = 0;
    for (let place = this._sent; place < this._log.length; place++) samples += this._log[place].samples;
    return samples;
  }

  /** Add a numbered message. @param {(number: number) => string} build */
  addText(build) {
    this._log.push({ data: build(this._nextMessage), number: this._nextMessage, samples: 0 });
    this._nextMessage += 1;
    this._texts += 1;
    this._bound();
  }

  /** Add the packet that holds the next `samples` of the stream. @param {ArrayBuffer} data @param {number} samples */
  addAudio(data, samples) {
    this._end += samples;
    this._log.push({ data, number: this._end, samples });
    this._samples += samples;
    this._bound();
  }

  /** Return the next message to send and count it as sent; null if there is none. */
  take() {
    if (this._sent >= this._log.length) return null;
    this._sent += 1;
    return this._log[this._sent - 1].data;
  }

  /** Drop what the endpoint has: messages below a number, audio before a position. */
  acknowledge({ messages, position }) {
    let count = 0;
    while (count < this._log.length && has(this._log[count], messages, position)) count += 1;
    for (const one of this._log.splice(0, count)) this._forget(one);
    this._sent = Math.max(0, this._sent - count);
  }

  /** Send again what the endpoint has not, on a new connection. */
  rewind({ messages, position }) {
    const kept = this._log.filter((one) => !has(one, messages, position));
    this._samples = kept.reduce((sum, one) => sum + one.samples, 0);
    this._texts = kept.filter((one) => one.samples === 0).length;
    this._log = kept;
    this._sent = 0;
  }

  /** Go on where the endpoint is; for a page that has nothing to send again. */
  startAt({ messages, position }) {
    if (this._log.length === 0) [this._nextMessage, this._end] = [messages, position];
  }

  _bound() {
    while (this._samples > this.samplesMax) this.dropped += this._drop((one) => one.samples > 0);
    while (this._texts > MESSAGES_MAX) this._drop((one) => one.samples === 0);
  }

  _drop(which) {
    const place = this._log.findIndex(which);
    const [one] = this._log.splice(place, 1);
    this._forget(one);
    if (place < this._sent) this._sent -= 1;
    return one.samples;
  }

  _forget(one) {
    this._samples -= one.samples;
    if (one.samples === 0) this._texts -= 1;
  }
}

function has(one, messages, position) {
  return one.samples > 0 ? one.number <= position : one.number < messages;
}
