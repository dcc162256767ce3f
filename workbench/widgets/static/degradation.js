/**
 * How a session steps down when its connection is poor, and back up: a pure decider with hysteresis.
 *
 * What makes sense where:
 * - over the WebSocket nothing is lost; a poor network shows as a long round trip, as audio that waits to be sent
 *   (`behind`) and as underruns. A lower bitrate helps (Opus only: PCM and mu-law have one), FEC and redundancy don't:
 *   they would add bytes to a full pipe. Then push-to-talk, so that a pause is sent as silence of a few bytes (Opus), and
 *   the two sides don't talk into each other's delay.
 * - over WebRTC packets are lost, too. A lower bitrate helps a full pipe; FEC and redundancy would help against loss, but
 *   the endpoint's library (aiortc) can use neither, so nothing of the kind is said or sent. Then push-to-talk.
 *
 * @typedef {"full"|"low-bitrate"|"push-to-talk"} Step
 * @typedef {{roundTrip: number, jitter: number, lost: number, underruns: number, behind: number}} Sample  of the last second:
 *   seconds, share of packets lost, times playback stood still, seconds of the caller's audio that wait to be sent
 */

export const DEGRADATION = {
  /** Any of these is a poor second. */
  poor: { roundTrip: 0.8, jitter: 0.15, lost: 0.03, underruns: 1, behind: 1 },
  /** Any of these is a bad one. */
  bad: { roundTrip: 2.5, jitter: 0.6, lost: 0.15, underruns: 4, behind: 4 },
  /** All below these is a good one. */
  good: { roundTrip: 0.4, jitter: 0.06, lost: 0.01, underruns: 0.5, behind: 0.3 },
  /** Seconds of the last `window` that must be poor (a bad one counts for three) to step down. */
  down: 3,
  window: 6,
  /** Good seconds in a row to step up; doubled each time a step up did not last, `upMost` at most. */
  up: 10,
  upMost: 160,
  /** Seconds after a step up in which a step down shows that it was too early. */
  regret: 30,
};

/** Return the steps that make sense. @param {"websocket"|"webrtc"} transport @param {string} codec @returns {Step[]} */
export function stepsOf(transport, codec) {
  return codec === "opus" || transport === "webrtc" ? ["full", "low-bitrate", "push-to-talk"] : ["full", "push-to-talk"];
}

/** Return the mode that a panel shows. @param {Step} step */
export function modeOf(step) {
  if (step === "full" || step === "push-to-talk") return step;
  return "reduced";
}

/** What is sent with fewer bits, by what carries it; each way says what it can't do against a poor network. */
const FEWER_BITS = {
  websocket: "the connection is slow: your voice is sent with fewer bits; nothing is lost this way, so nothing is sent twice",
  webrtc: "the connection is poor: your voice is sent with fewer bits; by WebRTC the endpoint can't restore what is lost, by WebSocket nothing is",
};

/**
 * Return the sentence that goes with a change.
 * @param {Step} step @param {boolean} up @param {"websocket"|"webrtc"} transport @param {string} codec
 */
export function sentenceOf(step, up, transport, codec) {
  if (step === "full") return "the connection is good again: full quality";
  if (up) return "the connection is better: talk freely again, with fewer bits for now";
  if (step === "low-bitrate") return FEWER_BITS[transport];
  const before = stepsOf(transport, codec).includes("low-bitrate") ? "" : `; ${codec} has no lower bitrate, opus would have`;
  return `the connection is too slow to talk freely: hold the button or space while you speak${before}`;
}

export class Degradation {
  /** @param {Step[]} steps  from the best on */
  constructor(steps, settings = DEGRADATION) {
    this._steps = steps;
    this._settings = settings;
    this._place = 0;
    this._recent = [];
    this._goodSince = null;
    this._up = settings.up;
    this._steppedUp = -Infinity;
  }

  /** Return the step to be on. @returns {Step} */
  get step() {
    return this._steps[this._place];
  }

  /** Decide after each second. @param {number} now @param {Sample} sample @returns {Step} */
  decide(now, sample) {
    const { poor, bad, good, down, window, regret, up, upMost } = this._settings;
    const weight = reaches(sample, bad) ? 3 : reaches(sample, poor) ? 1 : 0;
    this._recent.push({ now, weight });
    this._recent = this._recent.filter((one) => now - one.now < window);
    this._goodSince = reaches(sample, good) ? null : (this._goodSince ?? now);
    if (this._recent.reduce((sum, one) => sum + one.weight, 0) >= down && this._place + 1 < this._steps.length) {
      this._up = now - this._steppedUp < regret ? Math.min(upMost, 2 * this._up) : this._up;
      this._go(this._place + 1);
    } else if (this._place > 0 && this._goodSince !== null && now - this._goodSince >= this._up) {
      this._go(this._place - 1);
      this._steppedUp = now;
    } else if (this._place === 0 && now - this._steppedUp > 4 * regret) {
      this._up = up;
    }
    return this.step;
  }

  _go(place) {
    this._place = place;
    this._recent = [];
    this._goodSince = null;
  }
}

function reaches(sample, limits) {
  return Object.keys(limits).some((name) => sample[name] >= limits[name]);
}
