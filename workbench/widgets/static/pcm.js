/** Samples to bytes and back: signed 16-bit little-endian, and mu-law after ITU-T G.711 (reference code of G.191). */

/** @param {Float32Array} samples  -1..1, clipped beyond @returns {Uint8Array} */
export function encodePcm16(samples) {
  const view = new DataView(new ArrayBuffer(2 * samples.length));
  for (let n = 0; n < samples.length; n++) view.setInt16(2 * n, toInt16(samples[n]), true);
  return new Uint8Array(view.buffer);
}

/** @param {Uint8Array} bytes @returns {Float32Array} */
export function decodePcm16(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Float32Array(bytes.byteLength >> 1);
  for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(2 * n, true) / 32768;
  return samples;
}

/** @param {Float32Array} samples @returns {Uint8Array} */
export function encodeMulaw(samples) {
  return Uint8Array.from(samples, (sample) => mulawOf(toInt16(sample)));
}

/** @param {Uint8Array} bytes @returns {Float32Array} */
export function decodeMulaw(bytes) {
  return Float32Array.from(bytes, (byte) => fromMulaw(byte) / 32768);
}

function toInt16(sample) {
  return Math.max(-32768, Math.min(32767, roundEven(sample * 32768)));
}

/** Round halves to the even neighbour, as numpy's rint does. */
function roundEven(x) {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function mulawOf(pcm) {
  const sign = pcm < 0 ? 0x80 : 0;
  const magnitude = Math.min((pcm < 0 ? ~pcm : pcm) >> 2, 8158) + 33;
  const exponent = Math.max(0, Math.min(7, 31 - Math.clz32(magnitude) - 5));
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 1)) & 0x0f)) & 0xff;
}

function fromMulaw(byte) {
  const code = ~byte & 0xff;
  const magnitude = ((2 * (code & 0x0f) + 33) << ((code >> 4) & 7)) - 33;
  return 4 * (code & 0x80 ? -magnitude : magnitude);
}
