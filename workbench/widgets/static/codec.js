/**
 * How samples are written on the wire, by codec: its formats, what it encodes with, what it decodes with.
 *
 * @typedef {"pcm16"|"mulaw"|"opus"} CodecName
 */

import { OPUS_BITRATE, OPUS_FRAME, OPUS_RATE, OPUS_SKIP, OpusDecoding, OpusEncoding } from "./opus.js";
import { decodeMulaw, decodePcm16, encodeMulaw, encodePcm16 } from "./pcm.js";

const PLAIN = {
  pcm16: { input: 16_000, output: 24_000, bytes: 2, encode: encodePcm16, decode: decodePcm16 },
  mulaw: { input: 8_000, output: 8_000, bytes: 1, encode: encodeMulaw, decode: decodeMulaw },
};

/** Return the formats that a session with a codec asks for. @param {CodecName} codec */
export function formatsOf(codec) {
  if (codec === "opus") return { input: { encoding: "opus", rate: OPUS_RATE }, output: { encoding: "opus", rate: OPUS_RATE } };
  const plain = PLAIN[codec];
  if (plain === undefined) throw new RangeError(`codec ${String(codec)}, expected pcm16, mulaw or opus`);
  return { input: { encoding: codec, rate: plain.input }, output: { encoding: codec, rate: plain.output } };
}

/** Return the bits a second of a codec's caller. @param {CodecName} codec */
export function bitrateOf(codec) {
  return codec === "opus" ? OPUS_BITRATE : 8 * PLAIN[codec].bytes * PLAIN[codec].input;
}

/** Return how many samples an encoder looks ahead. @param {CodecName} codec */
export function lookaheadOf(codec) {
  return codec === "opus" ? OPUS_SKIP : 0;
}

/** Return what encodes frames of 20 ms. @param {CodecName} codec @param {(payload: Uint8Array) => void} give @param {() => void} broke */
export function encodingOf(codec, give, broke) {
  if (codec === "opus") return new OpusEncoding(give, broke);
  const { encode } = PLAIN[codec];
  return { feed: (frame) => give(encode(frame)), setBitrate() {}, close() {} };
}

/** Return what decodes packets. @param {CodecName} codec @param {(samples: Float32Array) => void} give @param {() => void} broke */
export function decodingOf(codec, give, broke) {
  if (codec === "opus") return new OpusDecoding(give, broke);
  const { decode } = PLAIN[codec];
  return { feed: (payload) => give(decode(payload)), reset() {}, close() {} };
}

/** Return how many samples a packet of a reply brings, before it is decoded. @param {CodecName} codec @param {Uint8Array} payload @param {number} position */
export function samplesIn(codec, payload, position) {
  if (codec === "opus") return position === 0 ? OPUS_FRAME - OPUS_SKIP : OPUS_FRAME;
  return payload.byteLength / PLAIN[codec].bytes;
}
