/**
 * Opus by WebCodecs: one packet for each 20 ms at 48 kHz, as docs/protocol.md has it.
 *
 * An encoder looks 6.5 ms ahead, so the packet of the first 20 ms brings 6.5 ms less, and each later one begins 6.5 ms
 * before what was put in with it. A decoder is begun anew with each reply.
 */

export const OPUS_RATE = 48_000;
export const OPUS_FRAME = 960;
/** Samples an encoder looks ahead. */
export const OPUS_SKIP = 312;

/** Bits a second: what one voice needs, and what still carries words. */
export const OPUS_BITRATE = 32_000;
export const OPUS_LOW_BITRATE = 12_000;

/** Return why this browser can't, or nothing. */
export async function opusProblem() {
  if (typeof AudioEncoder === "undefined" || typeof AudioDecoder === "undefined") {
    return "this browser has no WebCodecs for Opus; choose pcm16 or mulaw, or a recent Chrome, Edge or Firefox";
  }
  const config = { codec: "opus", sampleRate: OPUS_RATE, numberOfChannels: 1 };
  const [encoder, decoder] = await Promise.all([
    AudioEncoder.isConfigSupported({ ...config, bitrate: OPUS_BITRATE }),
    AudioDecoder.isConfigSupported(config),
  ]);
  return encoder.supported && decoder.supported ? "" : "this browser can't encode or decode Opus; choose pcm16 or mulaw";
}

export class OpusEncoding {
  /** @param {(payload: Uint8Array) => void} give  called with each packet, in order @param {() => void} broke */
  constructor(give, broke) {
    this._given = 0;
    this._encoder = new AudioEncoder({
      output: (chunk) => {
        const payload = new Uint8Array(chunk.byteLength);
        chunk.copyTo(payload);
        give(payload);
      },
      error: broke,
    });
    this.setBitrate(OPUS_BITRATE, { fec: false });
  }

  /** Use so many bits a second from the next frame on. @param {number} bitrate @param {{fec: boolean}} options */
  setBitrate(bitrate, { fec }) {
    this._encoder.configure({
      codec: "opus", sampleRate: OPUS_RATE, numberOfChannels: 1, bitrate,
      opus: { frameDuration: 20_000, useinbandfec: fec, packetlossperc: fec ? 15 : 0, application: fec ? "voip" : "audio" },
    });
  }

  /** Encode 20 ms. @param {Float32Array} frame */
  feed(frame) {
    const timestamp = Math.round((this._given * 1e6) / OPUS_RATE);
    this._given += frame.length;
    const data = new AudioData({
      format: "f32-planar", sampleRate: OPUS_RATE, numberOfFrames: frame.length, numberOfChannels: 1, timestamp, data: frame,
    });
    this._encoder.encode(data);
    data.close();
  }

  close() {
    if (this._encoder.state !== "closed") this._encoder.close();
  }
}

export class OpusDecoding {
  /** @param {(samples: Float32Array) => void} give  20 ms for each packet, in order @param {() => void} broke */
  constructor(give, broke) {
    this._fed = 0;
    this._decoder = new AudioDecoder({
      output: (data) => {
        const samples = new Float32Array(data.numberOfFrames);
        data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
        data.close();
        give(samples);
      },
      error: broke,
    });
    this.reset();
  }

  /** Begin a new stream; what is still being decoded is forgotten. */
  reset() {
    if (this._decoder.state === "configured") this._decoder.reset();
    this._decoder.configure({ codec: "opus", sampleRate: OPUS_RATE, numberOfChannels: 1 });
    this._fed = 0;
  }

  /** Decode a packet. @param {Uint8Array} payload */
  feed(payload) {
    const timestamp = this._fed * 20_000;
    this._fed += 1;
    this._decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, duration: 20_000, data: payload }));
  }

  close() {
    if (this._decoder.state !== "closed") this._decoder.close();
  }
}
