/** What the endpoint keeps of a session, what may be done about it, and how that is said. */

/**
 * @typedef {"none"|"transcript"|"full"} Level
 * @typedef {{
 *   session: string, level: Level, asks: Level|null, persistent: boolean, records: boolean,
 *   step: ""|"confirming"|"waiting", wanted: Level|null, deleted: Level|null, problem: string
 * }} Keeping  `asks`: what a yes allows, while it is to be asked; `deleted`: down to what a withdrawal has come
 */

/**
 * What a welcome tells; a withdrawal that is under way goes on.
 * @param {{session: string, consent?: string, asks?: Level, stored?: boolean, records?: boolean, persistent?: boolean}} told
 *     `persistent`: whether the session was to be stored
 * @param {Keeping|null} before
 * @returns {Keeping}
 */
export function keepingOf({ session, consent = "none", asks = "none", stored = false, records = false, persistent = false }, before) {
  const asked = consent === "asked";
  const going = before?.session === session ? before : null;
  return {
    session, level: asked ? "none" : consent, asks: asked ? asks : null, persistent: stored || (asked && persistent), records,
    step: going?.step ?? "", wanted: going?.wanted ?? null, deleted: going?.deleted ?? null, problem: "",
  };
}

/** @param {Keeping|null} keeping @param {object} event a wire event @returns {Keeping|null} */
export function keepingAfter(keeping, event) {
  if (!keeping) return keeping;
  if (event.type === "error" && event.code === "bad-consent") {
    return { ...keeping, step: "", wanted: null, problem: "The endpoint did not take it: more would be kept than was allowed." };
  }
  if (event.type !== "consent-settled") return keeping;
  const withdrawn = event.how === "withdrawn";
  const done = keeping.asks !== null || (withdrawn && [null, event.level].includes(keeping.wanted)) || event.level === "none";
  return {
    ...keeping, level: event.level, asks: null, problem: "", deleted: withdrawn ? event.level : keeping.deleted,
    ...(done ? { step: "", wanted: null } : {}),
  };
}

/** Ask whether it is meant, or no longer. @param {Keeping|null} keeping @param {boolean} wanted */
export function confirmingAfter(keeping, wanted) {
  if (!keeping || keeping.step === "waiting") return keeping;
  return { ...keeping, step: wanted && mayWithdraw(keeping) ? "confirming" : "", problem: "" };
}

/** Wait until the endpoint has done it. @param {Keeping|null} keeping @param {Level} level */
export function withdrawingAfter(keeping, level) {
  return keeping && { ...keeping, step: "waiting", wanted: level, problem: "" };
}

/** @param {Keeping} keeping @returns {{words: boolean, sound: boolean}} what is kept */
export function keptOf({ level, persistent, records }) {
  const sound = records && level === "full";
  return { words: sound || (persistent && level !== "none"), sound };
}

/** Whether there is anything to withdraw. @param {Keeping} keeping */
export function mayWithdraw(keeping) {
  return keeping.asks === null && keptOf(keeping).words;
}

/** Whether the sound can go and the words stay: a recording alone has both. @param {Keeping} keeping */
export function mayWithdrawSound(keeping) {
  return mayWithdraw(keeping) && keptOf(keeping).sound && keeping.persistent;
}

/**
 * What is said of it.
 * @param {Keeping|null} keeping
 * @param {boolean} active whether the session goes on
 */
export function keptSentence(keeping, active) {
  if (!keeping) return "";
  const { session, step, asks, deleted, problem, wanted } = keeping;
  if (step === "waiting") {
    if (!active) return `The session ended before its endpoint said that it was deleted: “workbench sessions verify-deleted ${session}” tells.`;
    if (asks !== null) return "Your answer is on its way.";
    return wanted === "none" ? "What was kept is being deleted; nothing more is kept." : "The sound is being deleted; no more of it is kept.";
  }
  const { words, sound } = keptOf(keeping);
  if (asks !== null) return active ? "The endpoint keeps nothing until you have said whether it may." : "The endpoint has kept nothing.";
  const also = problem ? ` ${problem}` : "";
  const keeps = active ? "keeps" : "has kept";
  if (deleted !== null && !words) return `What was kept is deleted. The endpoint ${keeps} nothing of this conversation.${also}`;
  if (deleted !== null && !sound) return `The sound is deleted. The endpoint ${keeps} the words of this conversation, no sound.${also}`;
  if (!words) return `The endpoint ${keeps} nothing of this conversation.${also}`;
  return `The endpoint ${keeps} the words ${sound ? "and the sound of this conversation" : "of this conversation, no sound"}.${also}`;
}
