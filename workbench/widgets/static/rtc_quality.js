/** What the browser's statistics of WebRTC say of the last second: pure arithmetic on two samples. */

/**
 * @typedef {object} RtcSample
 * @property {number} at  seconds
 * @property {number} roundTrip  seconds
 * @property {number} jitter  seconds
 * @property {number} sentPackets
 * @property {number} sentBytes
 * @property {number} lostThere  packets of ours the endpoint lacks
 * @property {number} gotPackets
 * @property {number} lostHere
 * @property {number} concealed  samples, at 48 kHz, that the browser made up where there was sound
 * @property {number} bufferedSeconds  what all samples together waited, seconds
 * @property {number} emitted  samples that left the jitter buffer
 */

/** Samples made up that count as one underrun: less is not heard. 20 ms. */
const UNDERRUN = 960;

const NO_SAMPLE = {
  at: 0, roundTrip: 0, jitter: 0, sentPackets: 0, sentBytes: 0, lostThere: 0, gotPackets: 0, lostHere: 0, concealed: 0,
  bufferedSeconds: 0, emitted: 0,
};

/** Return one sample of a report of `getStats`. @param {Iterable<object>} stats @param {number} at  seconds @returns {RtcSample} */
export function rtcSample(stats, at) {
  const sample = { ...NO_SAMPLE, at };
  for (const one of stats) {
    if (one.type === "candidate-pair" && one.nominated) sample.roundTrip = one.currentRoundTripTime ?? sample.roundTrip;
    if (one.type === "outbound-rtp") Object.assign(sample, { sentPackets: one.packetsSent ?? 0, sentBytes: one.bytesSent ?? 0 });
    if (one.type === "remote-inbound-rtp") sample.lostThere = one.packetsLost ?? 0;
    if (one.type !== "inbound-rtp") continue;
    Object.assign(sample, {
      jitter: one.jitter ?? 0, gotPackets: one.packetsReceived ?? 0, lostHere: one.packetsLost ?? 0,
      concealed: (one.concealedSamples ?? 0) - (one.silentConcealedSamples ?? 0), bufferedSeconds: one.jitterBufferDelay ?? 0, emitted: one.jitterBufferEmittedCount ?? 0,
    });
  }
  return sample;
}

/**
 * Return the quality between two samples; lost is the worse of both directions.
 * @param {RtcSample} before @param {RtcSample} after
 */
export function rtcQuality(before, after) {
  const since = (name) => Math.max(0, after[name] - before[name]);
  const share = (lost, came) => (lost + came > 0 ? lost / (lost + came) : 0);
  const seconds = after.at - before.at;
  return {
    roundTrip: after.roundTrip,
    jitter: after.jitter,
    lost: Math.max(share(since("lostHere"), since("gotPackets")), Math.min(1, share(since("lostThere"), Math.max(0, since("sentPackets") - since("lostThere"))))),
    underruns: Math.floor(since("concealed") / UNDERRUN),
    buffered: since("emitted") > 0 ? since("bufferedSeconds") / since("emitted") : 0,
    bitrate: seconds > 0 ? Math.round((8 * since("sentBytes")) / seconds) : 0,
  };
}
