/**
 * Where the response time of a turn went: the same chain of moments as `analysis/contributions.py`.
 *
 * The report reads the end of the caller's speech and the first sound of the answer off the recording. Live
 * there are only the events: the end of speech is the endpoint's (`turn-ended`), the first sound is the reply's
 * first sample as played by the page plus the silence it begins with. All between them is the same.
 */

/** Every contribution in order, with what it is and who is at work in it. */
export const CONTRIBUTIONS = Object.freeze([
  { name: "capture_and_transport", family: "carrying", says: "your last sound on its way to the endpoint" },
  { name: "endpointing", family: "listening", says: "waiting to be sure that you have finished" },
  { name: "transcription_tail", family: "listening", says: "the final pass over what you said" },
  { name: "understanding", family: "thinking", says: "finding intent and slots" },
  { name: "reply", family: "thinking", says: "choosing what to say" },
  { name: "synthesis_first_byte", family: "speaking", says: "waiting for the first synthesised clause" },
  { name: "leading_silence", family: "speaking", says: "silence before the first audible sample" },
  { name: "transport", family: "carrying", says: "the reply on its way to this page" },
  { name: "playout", family: "carrying", says: "this page's buffer" },
]);

/**
 * The waterfall of a turn, null as long as it has none.
 * @param {object[]} facts the turn's timed events
 * @param {{at: number, position: number, rate: number, captured: number|null}[]} arrivals reports of audio arrived
 * @returns {{reply: number, response: number, shares: {name: string, family: string, says: string, start: number, seconds: number}[]}|null}
 */
export function turnWaterfall(facts, arrivals) {
  const ends = facts.filter((fact) => fact.type === "turn-ended");
  const zero = deviceZero(arrivals);
  if (!ends.length || zero === null) return null;
  const ended = Math.max(...ends.map((fact) => fact.at));
  const answer = answerTo(facts, ended);
  if (!answer?.started) return null;
  const last = ends.at(-1);
  const endOfSpeech = zero + last.position / last.rate;
  const moments = momentsOf(facts, answer, { ended, endOfSpeech, uplink: uplinkAt(arrivals, endOfSpeech, zero) });
  return { reply: answer.number, ...chained(moments, answer, endOfSpeech) };
}

/** Session time of the caller's first sample: what the page said with its newest report. */
function deviceZero(arrivals) {
  const told = arrivals.filter((report) => report.captured !== null && report.captured !== undefined);
  return told.length ? told.at(-1).captured - told.at(-1).position / told.at(-1).rate : null;
}

/** The reply that answered the turn: committed, or chosen after its end, and neither discarded nor a prompt. */
function answerTo(facts, ended) {
  const spoke = Math.min(...facts.filter((fact) => fact.type === "speech-started").map((fact) => fact.at));
  for (const chosen of facts.filter((fact) => fact.type === "reply-text")) {
    const own = facts.filter((fact) => fact.reply === chosen.reply);
    const first = (type) => own.find((fact) => fact.type === type);
    const committed = first("early-synthesis-committed");
    const led = first("reply-led");
    const whole = (committed || chosen.at >= ended) && !["prefix", "next", "rest"].includes(chosen.part);
    const answers = (led ? first("reply-followed")?.outcome === "continued" : whole) && !first("early-synthesis-discarded");
    if (answers && !(chosen.at < spoke)) {
      return {
        number: chosen.reply,
        chosen: led ? led.at : Math.max(chosen.at, committed?.at ?? 0),
        led: Boolean(led),
        firstByte: first("synthesis-first-byte")?.at ?? null,
        leadingSilence: first("synthesis-first-audio")?.leading_silence ?? 0,
        started: first("playback-started"),
      };
    }
  }
  return null;
}

function momentsOf(facts, answer, { ended, endOfSpeech, uplink }) {
  const finals = facts.filter((fact) => fact.type === "final-transcript" && fact.at >= ended);
  const intents = facts.filter((fact) => fact.type === "intent-recognized" && fact.origin === "final");
  return {
    capture_and_transport: endOfSpeech + uplink,
    endpointing: ended,
    transcription_tail: answer.led ? null : latest(finals), // neither was waited for
    understanding: answer.led ? null : latest(intents),
    reply: answer.chosen,
    synthesis_first_byte: answer.firstByte,
  };
}

function chained(moments, answer, endOfSpeech) {
  const seconds = Object.fromEntries(CONTRIBUTIONS.map(({ name }) => [name, 0]));
  let now = endOfSpeech;
  for (const [name, at] of Object.entries(moments)) {
    const following = at === null ? now : Math.max(now, at);
    seconds[name] = following - now;
    now = following;
  }
  const downlink = Math.max(0, answer.started.played - now);
  seconds.transport = Math.min(downlink, Math.max(0, answer.started.at - answer.started.played));
  seconds.playout = downlink - seconds.transport;
  seconds.leading_silence = answer.leadingSilence;
  let start = 0;
  const shares = CONTRIBUTIONS.map((kind) => {
    const share = { ...kind, start, seconds: seconds[kind.name] };
    start += share.seconds;
    return share;
  });
  return { response: start, shares };
}

/** How long audio captured near `moment` took to arrive, from the nearest report of it. */
function uplinkAt(arrivals, moment, zero) {
  let nearest = Infinity;
  let delay = 0;
  for (const { at, position, rate, captured } of arrivals) {
    const taken = captured ?? zero + position / rate;
    const far = Math.abs(taken - moment);
    if (far < nearest || (far === nearest && at - taken < delay)) [nearest, delay] = [far, at - taken];
  }
  return Math.max(0, delay);
}

function latest(facts) {
  return facts.length ? Math.max(...facts.map((fact) => fact.at)) : null;
}

/** Milliseconds as they are shown. */
export function milliseconds(seconds) {
  return `${Math.round(seconds * 1000)} ms`.replace(/^-0 /, "0 ");
}
