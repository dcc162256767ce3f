/** What a listener has heard and answered of one trial, and what their keys mean. */

const ABX_KEYS = { a: 0, b: 1, x: 2, 1: 0, 2: 1, 3: 2 };
const STEP_KEYS = { ArrowUp: -1, ArrowDown: 1 };
const CHOICE_KEYS = { ArrowLeft: 0, ArrowRight: 1, ArrowDown: "tie" };

/** Whether sounds go on at the same position when another is chosen, as all of a trial are the same words. */
export function keepsPosition(method) {
  return method === "abx" || method === "mushra";
}

/**
 * What a key asks for in a trial.
 * @param {string} key as KeyboardEvent has it
 * @param {{method: string, labels: string[], choices: [any, string][]}} trial
 * @returns {{play: number}|{step: number}|{choose: any}|{act: "toggle"|"confirm"}|null} `step` is to the sound so many below
 */
export function keyMeaning(key, trial) {
  if (key === " ") return { act: "toggle" };
  if (key === "Enter") return { act: "confirm" };
  const low = key.toLowerCase();
  if (trial.method === "mushra") {
    if (low === "r") return { play: 0 };
    if (key in STEP_KEYS) return { step: STEP_KEYS[key] };
    return /^[0-9]$/.test(key) && Number(key) < trial.labels.length ? { play: Number(key) } : null;
  }
  if (trial.method === "mos") {
    return trial.choices.some(([value]) => String(value) === key) ? { choose: Number(key) } : null;
  }
  if (low in ABX_KEYS && ABX_KEYS[low] < trial.labels.length) return { play: ABX_KEYS[low] };
  if (key in CHOICE_KEYS && trial.choices.some(([value]) => value === CHOICE_KEYS[key])) return { choose: CHOICE_KEYS[key] };
  return null;
}

/** The keys of a method, for reading. */
export function keysTold(method, ties = true) {
  const ends = [["Space", "play, pause"], ["Enter", "keep the answer and go on"]];
  if (method === "mushra") return [["0 or R", "play the reference"], ["1 to 9", "play that sound"], ["↑ ↓", "play the one above, below"], ["← →", "move its slider by 1"], ["Page up, down", "by 10"], ...ends];
  if (method === "mos") return [["1 to 5", "choose a score"], ...ends];
  const plays = [["1 or A", "play A"], ["2 or B", "play B"]];
  if (method === "abx") return [...plays, ["X", "play X"], ["←", "X is A"], ["→", "X is B"], ...ends];
  return [...plays, ["←", "A is better"], ["→", "B is better"], ...(ties ? [["↓", "no difference"]] : []), ...ends];
}

/** One trial as it is being answered. */
export class TrialState {
  /** @param {object} trial as the kernel tells it @param {number} now milliseconds */
  constructor(trial, now) {
    this.trial = trial;
    this.begun = now;
    this.plays = trial.labels.map(() => 0);
    this.selected = 0;
    this.chosen = null;
    this.scores = trial.method === "mushra" ? trial.labels.slice(1).map(() => null) : [];
  }

  played(which) {
    this.selected = which;
    this.plays[which] += 1;
  }

  /** The sound so many below the one that was played last; the last one if there are not so many. */
  below(step) {
    return Math.min(Math.max(this.selected + step, 0), this.plays.length - 1);
  }

  choose(value) {
    this.chosen = value;
  }

  /** Rate row `row` of a MUSHRA trial, from 0. */
  rate(row, score) {
    this.scores[row] = Math.min(100, Math.max(0, Math.round(score)));
  }

  /** What is still to be done before the answer can be kept; empty if nothing is. */
  lacking() {
    const { labels, method } = this.trial;
    const unheard = labels.filter((_, place) => this.plays[place] === 0);
    if (unheard.length) return `Listen to ${method === "mos" ? "the sound" : unheard.join(", ")} first.`;
    const unrated = this.scores.map((score, row) => (score === null ? labels[row + 1] : null)).filter((label) => label !== null);
    if (unrated.length) return `Rate ${unrated.join(", ")} first.`;
    if (method !== "mushra" && this.chosen === null) return "Choose an answer first.";
    return "";
  }

  /** The answer as the kernel takes it. */
  answer(now) {
    const given = this.trial.method === "mushra" ? this.scores : this.chosen;
    return { kind: "answer", trial: this.trial.trial, given, seconds: (now - this.begun) / 1000, plays: this.plays };
  }
}

/** Where the listener is, for reading. */
export function placeTold({ trial, total, practice, practices }) {
  if (practice) return `Practice ${trial + 1} of ${practice}: it does not count`;
  return `${trial + 1 - practices} of ${total - practices}`;
}
