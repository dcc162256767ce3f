/**
 * A session as a page has it: the audio graph, the worker that carries the session, and what a panel is told.
 *
 * Audio: capture worklet (20 ms) -> worker (socket, protocol) -> playback worklet, by MessagePorts of their own. The
 * page thread starts them and shows what they say.
 *
 * `on(what, detail)` is called on the page thread:
 * - "status" {status: "connecting"|"live"|"held"|"reconnecting"|"ended"|"failed", way, code?, sentence?}
 * - "event" a wire event of docs/protocol.md, each once, in order
 * - "welcome" {session, how, hold}; again after each resume
 * - "levels" {caller, agent: dBFS (-100 at least), clipping, muted: boolean, silent: seconds the caller was silent}, 20/s
 * - "quality" {roundTrip, jitter, lost, underruns, buffered, behind, codec, bitrate, mode: "full"|"reduced"|"push-to-talk", said?}, 1/s
 * - "heard" {reply, seconds, state}: as it is reported to the endpoint
 */
