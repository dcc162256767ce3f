/**
 * The playout buffer: reply audio in as it arrives, blocks for the device out, and what was heard.
 *
 * A pure object inside the playback worklet; the samples the device has asked for are its clock. A reply begins once
 * `target` seconds of it are there, or all of it; after an underrun it goes on at `target` again. Each underrun's
 * silence is counted.
 *
 * @typedef {{state: string, reply: number, heard: number, devicePosition: number, underrun: number, reason: string}} PlayoutReport
 */

/** Seconds between reports while a reply plays. */
const REPORT_EVERY = 0.2;
/** Seconds of audio held; what comes beyond is dropped (an endpoint sends about a second ahead). */
const HELD_MAX = 120;
/** Samples over which a reply that is cut off fades out: a click would be heard. 3 ms at 48 kHz. */
const FADE = 144;

export class Playout {
  /** @param {number} rate  samples a second @param {number} target  seconds */
  constructor(rate, target) {
    this.rate = rate;
    this.target = target;
    /** Samples the device has played, silence included. */
    this.position = 0;
    /** Times a reply stood still. */
    this.underruns = 0;
    this._lines = [];
    this._paused = false;
    this._reports = [];
    this._newest = 0;
    this._last = 0;
  }

  /** Go on with a reply of which `heard` samples were played before, by a page that was loaded again. */
  begin(reply, heard) {
    const line = this._line(reply);
    if (line !== null) Object.assign(line, { heard, reported: heard, started: true });
  }

  /** Take in the next samples of a reply. @param {number} reply @param {Float32Array} samples */
  add(reply, samples) {
    const line = this._line(reply);
    if (line === null || samples.length === 0) return;
    if (line.held < HELD_MAX * this.rate) {
      line.waiting.push(samples);
      line.held += samples.length;
    } else {
      line.dropped += samples.length;
    }
  }

  /** Learn that a reply has `total` samples in all. */
  end(reply, total) {
    const line = this._line(reply);
    if (line === null) return;
    line.total = total;
    this._finish(0);
  }

  /** Hold a reply where it is. */
  pause(reply) {
    if (this._paused || !this._isCurrent(reply)) return;
    this._paused = true;
    if (this._lines[0].started) this._report(this._lines[0], "paused");
  }

  /** Let a reply go on. */
  resume(reply) {
    if (!this._paused || !this._isCurrent(reply)) return;
    this._paused = false;
    if (this._lines[0].started) this._report(this._lines[0], "resumed");
  }

  /** Silence a reply at once and forget the rest of it. */
  flush(reply) {
    const place = this._lines.findIndex((line) => line.reply === reply);
    if (place < 0) return;
    if (place === 0) this._paused = false;
    const [line] = this._lines.splice(place, 1);
    this._report(line, "stopped", "barge-in");
  }

  /** Stop whatever plays: the session is over. */
  close() {
    for (const line of this._lines.splice(0)) if (line.started) this._report(line, "stopped", "closed");
    this._paused = false;
  }

  /** Fill `block` with the next samples for the device. @param {Float32Array} block */
  pull(block) {
    block.fill(0);
    let done = 0;
    while (done < block.length && this._lines.length > 0 && !this._paused) {
      const line = this._lines[0];
      if (!this._ready(line)) {
        if (line.started) line.underrun += block.length - done;
        break;
      }
      if (!line.started) {
        line.started = true;
        this._report(line, "started", "", done);
      }
      line.waits = false;
      done += take(line, block, done);
      if (isDone(line)) {
        this._finish(done);
      } else if (done < block.length) {
        line.waits = true;
        line.underrun += block.length - done;
        this.underruns += 1;
        break;
      }
    }
    this._soften(block, done);
    this.position += block.length;
    this._progress();
  }

  /** Return what happened since the last call. @returns {PlayoutReport[]} */
  reports() {
    return this._reports.splice(0);
  }

  /** Return how many samples of the reply at hand wait. */
  get held() {
    return this._lines.length > 0 ? this._lines[0].held : 0;
  }

  /** Let sound that ends inside a block, or just before it, fade instead of stopping short. */
  _soften(block, done) {
    const last = done > 0 ? block[done - 1] : this._last;
    this._last = done === block.length ? last : 0;
    const length = Math.min(FADE, block.length - done);
    for (let n = 0; n < length; n++) block[done + n] = last * (1 - (n + 1) / length);
  }

  /** Return the line of a reply, opened if it is newer than all; null for a bygone one. */
  _line(reply) {
    const line = this._lines.find((one) => one.reply === reply);
    if (line) return line;
    if (reply <= this._newest) return null;
    this._newest = reply;
    const opened = {
      reply, waiting: [], offset: 0, held: 0, heard: 0, dropped: 0, total: null, started: false, waits: true,
      underrun: 0, reported: 0,
    };
    this._lines.push(opened);
    return opened;
  }

  _isCurrent(reply) {
    return this._lines.length > 0 && this._lines[0].reply === reply;
  }

  _ready(line) {
    const whole = line.total !== null && line.held + line.heard + line.dropped >= line.total;
    return !line.waits || whole || line.held >= this.target * this.rate;
  }

  _finish(offset) {
    while (this._lines.length > 0 && isDone(this._lines[0])) {
      this._paused = false;
      this._report(this._lines.shift(), "stopped", "finished", offset);
    }
  }

  _progress() {
    const line = this._lines[0];
    if (line === undefined || !line.started || this._paused) return;
    if (line.heard - line.reported >= REPORT_EVERY * this.rate) {
      line.reported = line.heard;
      this._report(line, "playing");
    }
  }

  _report(line, state, reason = "", offset = 0) {
    this._reports.push({
      state, reply: line.reply, heard: line.heard, devicePosition: this.position + offset, underrun: line.underrun, reason,
    });
  }
}

function isDone(line) {
  return line.total !== null && line.heard + line.dropped >= line.total;
}

/** Move samples of a line into `block` from `start` on; return how many. */
function take(line, block, start) {
  let done = start;
  while (done < block.length && line.waiting.length > 0) {
    const piece = line.waiting[0];
    const count = Math.min(piece.length - line.offset, block.length - done);
    block.set(piece.subarray(line.offset, line.offset + count), done);
    line.offset += count;
    done += count;
    if (line.offset === piece.length) {
      line.waiting.shift();
      line.offset = 0;
    }
  }
  const taken = done - start;
  line.held -= taken;
  line.heard += taken;
  return taken;
}
