/** What is typed and when the kernel is told of it; sounds as files; places as positions in a text. */

/** Milliseconds without a key after which the kernel is told. */
export const QUIET = 250;

/** The position in `text` of a line and column, both from 1. */
export function positionOf(text, [line, column]) {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const own = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length; // columns count characters, not halves of them
  return Math.min(before + own, text.length);
}

/** Characters of a text as the kernel counts them, of two halves or not; in halves if even those are few enough. */
export function lengthOf(text, most) {
  return text.length > most ? [...text].length : text.length;
}

/** A WAV file of 16-bit samples. @param {Uint8Array} pcm @returns {Uint8Array} */
export function wavOf(pcm, rate) {
  const whole = new Uint8Array(44 + pcm.byteLength);
  const view = new DataView(whole.buffer);
  const letters = (at, text) => { for (let i = 0; i < text.length; i += 1) whole[at + i] = text.charCodeAt(i); };
  letters(0, "RIFF");
  view.setUint32(4, 36 + pcm.byteLength, true);
  letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  for (const [at, value] of [[20, 1], [22, 1], [32, 2], [34, 16]]) view.setUint16(at, value, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  letters(36, "data");
  view.setUint32(40, pcm.byteLength, true);
  whole.set(pcm, 44);
  return whole;
}

/** How many of what: `counted(1, "mistake")`. */
export function counted(number, what) {
  return `${number || "no"} ${what}${number === 1 ? "" : "s"}`;
}

/** One line about the whole text, for everybody and for screen readers. */
export function summaryOf(found) {
  if (!found.findings) return "Reading …";
  if (found.read && !found.words) return "There is no text yet: nothing to say.";
  const wrong = found.findings.filter((one) => one.wrong).length;
  const advice = found.findings.length - wrong + (found.more ?? 0);
  return `${counted(wrong, "mistake")}, ${advice ? `${counted(advice, "piece")} of` : "no"} advice.`.replace(/^n/, "N");
}

/** What is typed in the page, and what the kernel knows of it. */
export class LabState {
  /** @param {object} model @param {(what: string) => void} on told when something of it has changed */
  constructor(model, on) {
    this.model = model;
    this.on = on;
    this.draft = { ...model.get("draft") };
    this.problem = "";
    this.timer = null;
    this.sounds = new Map(); // voice: {revision, wav}
    this.listeners = {
      "change:draft": () => this._replaced(),
      "change:found": () => on("found"),
      "change:spoken": () => on("spoken"),
      "msg:custom": (content, buffers) => this._sound(content, buffers),
    };
    for (const [name, call] of Object.entries(this.listeners)) model.on(name, call);
    model.send({ kind: "sounds" });
  }

  get(name) {
    return this.model.get(name);
  }

  /** Whether what is shown is of the text as it stands. */
  get current() {
    return this.timer === null && !this.problem && this.get("found").revision === this.draft.revision;
  }

  /** Take what was typed or chosen; the kernel is told once it is quiet. */
  take(changes) {
    Object.assign(this.draft, changes);
    clearTimeout(this.timer);
    const most = this.get("info").characters_max;
    const length = lengthOf(this.draft.text, most);
    if (length > most) {
      this.timer = null;
      this.problem = `The text has ${length} characters, at most ${most} are looked at here. It is left as it is: shorten it, or take back what was pasted (Ctrl+Z).`;
    } else {
      this.problem = "";
      this.timer = setTimeout(() => this._tell(), QUIET);
    }
    this.on("draft");
  }

  close() {
    clearTimeout(this.timer);
    for (const [name, call] of Object.entries(this.listeners)) this.model.off(name, call);
  }

  _tell() {
    this.timer = null;
    this.draft = { ...this.draft, revision: this.draft.revision + 1 };
    this.model.set("draft", { ...this.draft });
    this.model.save_changes();
    this.on("draft");
  }

  /** Take a text that the kernel, or another view of it, wrote. */
  _replaced() {
    const draft = this.model.get("draft");
    if (draft.revision === this.draft.revision && draft.text === this.draft.text) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.problem = "";
    this.draft = { ...draft };
    this.on("replaced");
  }

  _sound(content, buffers) {
    if (content.kind !== "sound") return;
    const data = buffers[0];
    const pcm = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
    this.sounds.set(content.voice, { revision: content.revision, wav: wavOf(pcm, content.rate) });
    this.on("sound");
  }
}
