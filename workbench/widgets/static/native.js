/**
 * The native protocol, version 1, as a page speaks it: audio packets, and what each side's messages hold.
 *
 * @typedef {{direction: number, seq: number, reply: number, position: number, payload: Uint8Array}} Packet
 *   `seq` counts packets of a direction, `position` samples of the caller's stream or of the reply before it
 * @typedef {{events: number, controls: number, audio: number}} Seen  of each kind, the next number expected
 */

export const PROTOCOL_VERSION = 1;
export const CALLER = 1;
export const AGENT = 2;
export const HEADER_BYTES = 20;

/** Close codes after which the session is held, as after no code at all. */
export const HELD_CODES = [1001, 1012, 4401, 4407];
export const NO_CLOSE = [0, 1005, 1006];
export const CODE = {
  completed: 1000,
  expired: 4401,
  forbidden: 4403,
  stalled: 4407,
  replaced: 4409,
};

/** A message or packet that is none. Its text says what was found and what was wanted. */
export class ProtocolFault extends Error {}

/** Return the bytes of a packet. @param {Packet} packet @returns {ArrayBuffer} */
export function packPacket({ direction, seq, reply = 0, position, payload }) {
  const bytes = new Uint8Array(HEADER_BYTES + payload.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x5742); // "WB"
  view.setUint8(2, PROTOCOL_VERSION);
  view.setUint8(3, direction);
  view.setUint32(4, seq >>> 0);
  view.setUint32(8, reply);
  view.setUint32(12, Math.floor(position / 2 ** 32));
  view.setUint32(16, position >>> 0);
  bytes.set(payload, HEADER_BYTES);
  return bytes.buffer;
}

/** Return the packet in `data`; throws ProtocolFault. @param {ArrayBuffer} data @returns {Packet} */
export function unpackPacket(data) {
  if (data.byteLength < HEADER_BYTES) {
    throw new ProtocolFault(`${data.byteLength} bytes, expected a header of ${HEADER_BYTES}`);
  }
  const view = new DataView(data);
  if (view.getUint16(0) !== 0x5742 || view.getUint8(2) !== PROTOCOL_VERSION) {
    throw new ProtocolFault(`no audio packet of version ${PROTOCOL_VERSION}`);
  }
  const direction = view.getUint8(3);
  if (direction !== CALLER && direction !== AGENT) {
    throw new ProtocolFault(`direction ${direction}, expected 1 (caller) or 2 (agent)`);
  }
  return {
    direction,
    seq: view.getUint32(4),
    reply: view.getUint32(8),
    position: view.getUint32(12) * 2 ** 32 + view.getUint32(16),
    payload: new Uint8Array(data, HEADER_BYTES),
  };
}

/** Return the endpoint's message in `text`; throws ProtocolFault. @param {string} text */
export function parseMessage(text) {
  let wire;
  try {
    wire = JSON.parse(text);
  } catch {
    throw new ProtocolFault("a text message is not JSON");
  }
  if (wire === null || typeof wire !== "object" || typeof wire.type !== "string") {
    throw new ProtocolFault("a message came without a type, expected an object with one");
  }
  return wire;
}

/** Return the message that opens a session. @param {{assistant: string, input: object, output: object, settings?: object}} wish */
export function openMessage({ assistant, input, output, settings = {} }) {
  return { type: "open", version: PROTOCOL_VERSION, assistant, input, output, settings };
}

/**
 * Return the message that resumes a session.
 * @param {{session: string, handle: string, seen: Seen, at: number, turn: number, reply: number, received: number,
 *   messages: number, position: number, otherwise: object | null}} has
 */
export function resumeMessage(has) {
  return { type: "resume", version: PROTOCOL_VERSION, ...has };
}

/** Return a numbered message. @param {string} type @param {number} seq @param {number} at @param {object} fields */
export function numberedMessage(type, seq, at, fields = {}) {
  return { type, seq, at, ...fields };
}
