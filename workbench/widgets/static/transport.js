/**
 * What carries a session's messages for one connection, and over the WebSocket its audio: the interface.
 *
 * `connect(dial)` of a transport module returns a `Transport` at once, unopened. All its methods may be called at any
 * time; after `closed` none does anything.
 *
 * The WebSocket (`socket.js`) lives in the session's worker. WebRTC (`webrtc.js`) needs `RTCPeerConnection`, which
 * only a page has: the worker speaks to it through `distant.js`, message by message, so a busy page delays text
 * messages there, never audio, which goes as RTP.
 *
 * @typedef {object} Dial
 * @property {string} url  of the WebSocket; WebRTC derives `http(s)://.../v1/webrtc` from it (`signallingUrl`)
 * @property {string} token  fresh
 * @property {(message: string | ArrayBuffer) => void} message  called with each message of the endpoint, in order
 * @property {() => void} opened  messages may be sent; the session's first message is sent now
 * @property {(code: number, reason: string, status?: number, sentence?: string) => void} closed  once, last; `code` as of a
 *     WebSocket (1006: broke without one), `status`: the HTTP status of a refusal where it is known, `sentence`: what to
 *     tell a person where the transport knows better
 *
 * @typedef {object} Transport
 * @property {(message: string | ArrayBuffer) => void} send
 * @property {(code?: number) => void} close
 * @property {() => number} buffered  bytes that wait to be sent
 * @property {boolean} carriesAudio  whether audio goes beside the messages (WebRTC): then no audio packets are sent,
 *     and what was heard comes from the transport
 *
 * A page's `openRtc(dial, media)` (`webrtc.js`) returns a Transport with more, for what only it can know:
 *
 * @typedef {object} RtcMedia
 * @property {MediaStream} stream  the caller
 * @property {AudioContext} context
 * @property {AudioNode} sink  where the remote voice is to be heard
 * @property {AudioNode} meter  what measures how loud it is
 * @property {(report: PlaybackReport) => void} report  called as playback goes on: started, playing (each 0.2 s), stopped
 *
 * @typedef {object} PlaybackReport
 * @property {"started"|"playing"|"paused"|"resumed"|"stopped"} state
 * @property {number} reply
 * @property {number} heard  samples of the reply played, at the session's output rate
 * @property {number} underrun  samples of silence put in, at the same rate
 * @property {""|"finished"|"barge-in"|"closed"} reason
 *
 * @typedef {Transport & RtcExtras} RtcTransport
 * @typedef {object} RtcExtras
 * @property {(control: object) => void} control  a `playback-control` message, in order
 * @property {(event: object) => void} event  each event of the session, in order
 * @property {(stream: MediaStream) => Promise<void>} replaceSource
 * @property {(step: import("./degradation.js").Step) => void} degrade  lower or raise the bitrate
 * @property {() => Promise<{roundTrip: number, jitter: number, lost: number, underruns: number, buffered: number,
 *     bitrate: number}>} quality  of the last second: seconds, share lost 0..1, bits per second; from getStats
 */

/** Return where WebRTC is negotiated, for the URL of a session's WebSocket. @param {string} url */
export function signallingUrl(url) {
  return url.replace(/^ws/, "http").replace(/\/session$/, "/webrtc");
}
