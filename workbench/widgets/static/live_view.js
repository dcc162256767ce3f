/** The panel's elements, and how they follow its state: nothing is decided here. */
import { make, mark, write } from "./live_dom.js";
import { drawnWaterfall } from "./live_figure.js";
import { KeepingView } from "./live_keeping_view.js";
import {
  isActive, mainAction, meterShare, qualityFigures, sentenceNow, statusWord, wayName,
} from "./live_state.js";
import { drawnTurn } from "./live_turns.js";
import { milliseconds } from "./live_waterfall.js";

const MICROPHONE = "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM6 11v1a6 6 0 0 0 12 0v-1M12 18v3M8.5 21h7";

/**
 * Draws one panel.
 *
 * @param {HTMLElement} host where it is put
 * @param {{act: (action: string, detail?: any) => void}} controls told what a person does: "main", "main-down",
 *     "main-up", "mute", "push", "stop", "device", "presenter", "key", and those of `live_keeping_view.js`
 */
export class LiveView {
  constructor(host, controls) {
    const page = host.ownerDocument;
    this.page = page;
    const tell = (action) => (event) => controls.act(action, event);
    const button = (name, label, listeners) => make(page, "button", { type: "button", class: `wb-button wb-${name}`, ...listeners }, label);
    this.icon = make(page, "svg", { viewBox: "0 0 24 24", class: "wb-icon", "aria-hidden": "true" }, make(page, "path", { d: MICROPHONE }));
    this.label = make(page, "span", null, "Talk");
    this.main = make(page, "button", {
      type: "button", class: "wb-button wb-main", onclick: tell("main"), onpointerdown: tell("main-down"),
      onpointerup: tell("main-up"), onpointercancel: tell("main-up"), onpointerleave: tell("main-up"),
    }, this.icon, this.label);
    this.mute = button("mute", "Mute", { onclick: tell("mute") });
    this.push = button("push", "Push to talk", { onclick: tell("push") });
    this.stop = button("stop", "Stop", { onclick: tell("stop") });
    this.presenter = button("presenter", "Large", {
      onclick: tell("presenter"), title: "large type, to be read at the back of a room", "aria-label": "Large type",
    });
    this.word = make(page, "strong", null);
    this.way = make(page, "span", { class: "wb-way" });
    this.status = make(page, "span", { class: "wb-status", role: "status" }, make(page, "i", { class: "wb-dot", "aria-hidden": "true" }), this.word, this.way);
    this.meters = { caller: meter(page, "You"), agent: meter(page, "Assistant") };
    this.picker = make(page, "select", { class: "wb-picker", "aria-label": "Microphone", onchange: tell("device") });
    this.sentence = make(page, "p", { class: "wb-sentence", role: "status" });
    this.turns = make(page, "ol", { class: "wb-turns", "aria-label": "Transcript", tabindex: "0" });
    this.answer = make(page, "section", { class: "wb-answer", "aria-label": "Response time of the last turn" });
    this.quality = make(page, "div", { class: "wb-quality", role: "group", "aria-label": "Quality of the connection" });
    this.keeping = new KeepingView(page, tell);
    this.spoken = make(page, "div", { class: "wb-unseen", "aria-live": "polite" });
    const keys = make(page, "p", { class: "wb-keys" }, "Space talks · M mutes · Esc stops, while the panel has the focus");
    this.root = make(
      page, "div",
      { class: "wb-live", tabindex: "0", role: "region", "data-lm-suppress-shortcuts": "true", onkeydown: tell("key"), onkeyup: tell("key"), onfocusout: tell("left") },
      make(page, "div", { class: "wb-bar" }, this.main, this.mute, this.push, this.stop, this.status, this.presenter),
      make(page, "div", { class: "wb-meters" }, this.meters.caller.row, this.meters.agent.row, this.picker),
      this.sentence,
      make(page, "div", { class: "wb-body" }, this.turns, this.answer),
      this.keeping.root,
      make(page, "div", { class: "wb-foot" }, this.quality, keys),
      this.spoken,
    );
    this.drawn = new Map();
    host.replaceChildren(this.root);
  }

  /**
   * Show `state`; only what differs is touched.
   * @param {import("./live_state.js").PanelState} state
   * @param {number} now
   */
  show(state, now) {
    const before = this.shown;
    this.shown = state;
    this.showLevels(state);
    this.showSentence(state, now);
    if (before && state.conversation === before.conversation && sameBar(before, state)) return;
    this.showBar(state);
    this.showConversation(state.conversation, before?.conversation);
    this.showQuality(state);
    this.keeping.show(state, () => this.root.focus());
  }

  showBar(state) {
    const { root, main, mute, push, stop, presenter, picker } = this;
    const active = isActive(state);
    const { action, label } = mainAction(state);
    mark(root, "data-phase", state.phase);
    mark(root, "data-presenter", state.presenter);
    mark(root, "aria-label", `Live conversation${state.conversation.assistant ? ` with ${state.conversation.assistant}` : ""}`);
    write(this.label, label);
    mark(main, "data-action", action);
    main.disabled = action === "wait";
    mark(main, "aria-disabled", action === "listening");
    mark(mute, "aria-pressed", String(state.muted));
    write(mute, state.muted ? "Unmute" : "Mute");
    mute.disabled = stop.disabled = !active;
    mark(push, "aria-pressed", String(state.push !== "off"));
    mark(presenter, "aria-pressed", String(state.presenter));
    write(this.word, statusWord(state));
    write(this.way, wayName(state));
    mark(picker, "hidden", !state.picker || state.devices.length === 0);
    const options = state.devices.map((device) => [device.id, device.label].join("\n")).join("\n\n");
    if (this.options !== options) {
      this.options = options;
      picker.replaceChildren(...state.devices.map((device) => make(this.page, "option", { value: device.id }, device.label)));
    }
    if (picker.value !== state.device) picker.value = state.device;
  }

  showLevels(state) {
    for (const [who, parts] of Object.entries(this.meters)) {
      const level = state.levels[who];
      const share = meterShare(level);
      parts.bar.style.transform = `scaleX(${share.toFixed(3)})`;
      mark(parts.track, "aria-valuenow", Math.round(Math.max(-60, level) / 6) * 6);
      mark(parts.track, "data-clipping", who === "caller" && state.levels.clipping);
    }
    mark(this.meters.caller.row, "data-off", state.muted || state.push === "up");
  }

  showSentence(state, now) {
    const told = sentenceNow(state, now);
    write(this.sentence, told?.text ?? "");
    mark(this.sentence, "data-kind", told?.kind);
    mark(this.sentence, "role", told?.kind === "error" ? "alert" : "status");
  }

  showConversation(conversation, before) {
    if (conversation === before) return;
    const last = this.turns.scrollHeight - this.turns.scrollTop - this.turns.clientHeight < 40;
    const kept = new Map();
    for (const turn of conversation.turns) {
      const known = this.drawn.get(turn.number);
      const node = known?.turn === turn ? known.node : drawnTurn(this.page, turn);
      if (known && known.node !== node && known.node.parentNode === this.turns) known.node.replaceWith(node);
      else if (!known) this.turns.append(node);
      kept.set(turn.number, { turn, node });
    }
    for (const [number, { node }] of this.drawn) if (!kept.has(number)) node.remove();
    this.drawn = kept;
    if (last) this.turns.scrollTop = this.turns.scrollHeight;
    if (conversation.said && conversation.said !== before?.said) {
      write(this.spoken, `${conversation.said.who === "caller" ? "You" : "Assistant"}: ${conversation.said.text}`);
    }
    this.showAnswer(conversation.turns.findLast((turn) => turn.waterfall)?.waterfall ?? null);
  }

  showAnswer(waterfall) {
    if (waterfall === this.waterfall) return;
    this.waterfall = waterfall;
    if (!waterfall) return this.answer.replaceChildren();
    const page = this.page;
    this.answer.replaceChildren(
      make(page, "p", { class: "wb-response" }, make(page, "strong", null, milliseconds(waterfall.response)), " from your last word to the first sound"),
      drawnWaterfall(page, waterfall),
    );
  }

  showQuality(state) {
    const page = this.page;
    this.quality.replaceChildren(...qualityFigures(state).map(({ name, value, bad }) => make(
      page, "span", { class: bad ? "wb-bad" : null }, `${name} `, make(page, "b", null, value),
    )));
  }

  /** Take everything away. */
  remove() {
    this.root.remove();
  }
}

/** Whether the bar, the picker and the figures would look the same. */
function sameBar(one, other) {
  const names = ["phase", "way", "muted", "push", "presenter", "devices", "device", "picker", "quality", "keeping"];
  return names.every((name) => one[name] === other[name]);
}

function meter(page, label) {
  const bar = make(page, "span", { class: "wb-level" });
  const track = make(
    page, "span",
    { class: "wb-track", role: "meter", "aria-label": `Level: ${label}`, "aria-valuemin": -60, "aria-valuemax": 0, "aria-valuenow": -60 },
    bar,
  );
  return { bar, track, row: make(page, "span", { class: "wb-meter" }, make(page, "span", { class: "wb-name" }, label), track) };
}
