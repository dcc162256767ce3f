/** The playback worklet: a Playout under the sound card's clock. Commands come from the worker, reports go to it. */

import { Playout } from "./playout.js";

/** Blocks between two levels told: 20 ms at 48 kHz. */
const LEVEL_BLOCKS = 8;

class Playback extends AudioWorkletProcessor {
  constructor({ processorOptions: { target } }) {
    super();
    this._playout = new Playout(sampleRate, target);
    this._running = true;
    this._blocks = 0;
    this._square = 0;
    this._out = null;
    this.port.onmessage = ({ data }) => {
      if (data.stop) this._running = false;
      if (!data.port) return;
      this._out = data.port;
      this._out.onmessage = ({ data: command }) => this._obey(command);
    };
  }

  _obey({ do: what, reply, samples, total, heard, target }) {
    const playout = this._playout;
    if (what === "add") playout.add(reply, samples);
    else if (what === "begin") playout.begin(reply, heard);
    else if (what === "end") playout.end(reply, total);
    else if (what === "target") playout.target = target;
    else if (what === "close") playout.close();
    else playout[what](reply); // pause, resume, flush
    this._tell(currentFrame);
  }

  /** What comes in is sounded by others, for instance WebRTC; it counts for the level. */
  process([[beside]], [[left, ...others]]) {
    this._playout.position = currentFrame; // also after blocks that were left out
    this._playout.pull(left);
    for (const channel of others) channel.set(left);
    for (let n = 0; n < left.length; n += 1) {
      const loud = left[n] + (beside?.[n] ?? 0);
      this._square += loud * loud;
    }
    this._blocks += 1;
    this._tell(currentFrame + left.length);
    return this._running;
  }

  _tell(frame) {
    if (this._out === null) return;
    const reports = this._playout.reports();
    const level = this._blocks >= LEVEL_BLOCKS;
    if (reports.length === 0 && !level) return;
    const told = { reports, frame, held: this._playout.held, underruns: this._playout.underruns };
    if (level) {
      told.level = Math.sqrt(this._square / (this._blocks * 128));
      this._blocks = this._square = 0;
    }
    this._out.postMessage(told);
  }
}

registerProcessor("workbench-playback", Playback);
