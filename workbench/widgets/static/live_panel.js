/** The panel's own session in this page: from a press of Talk to its end, with one sentence for whatever fails. */
import { LiveKernel, CHECK_PATIENCE } from "./live_kernel.js";
import { LivePlace } from "./live_place.js";
import { missingAbility, refusalSentence } from "./live_sentences.js";
import { LiveSource, microphonesOf } from "./live_source.js";
import { isActive, keyAction, mainAction, panelAfter, panelAtFirst } from "./live_state.js";
import { basePathOf, sessionCodec, waysTo } from "./live_ways.js";

/** Milliseconds between two times that what a reload needs is kept. */
export const KEEP_EVERY = 1000;
/** Milliseconds a browser's question may stand before the panel points at it. */
export const ANSWER_PATIENCE = 1500;
/** Milliseconds another tab has to hand the session over. */
export const HAND_OVER_PATIENCE = 4000;
/** Milliseconds after leaving a connection until what resumes the session is settled. */
export const SETTLING = 400;

/** One panel in one page, however many views it has. */
export class LivePanel {
  /**
   * @param {object} model the widget's
   * @param {{open: (wish: object) => object, page: Window}} world `open` makes a `PageSession`
   */
  constructor(model, { open, page }) {
    this.model = model;
    this.open = open;
    this.page = page;
    this.views = new Set();
    this.session = null;
    this.name = `${Math.random().toString(36).slice(2)}`;
    this.place = new LivePlace(model.get("panel"), page);
    this.source = new LiveSource(model, () => this.sourceLost());
    this.kernel = new LiveKernel(model, this.name, page.location.origin, (message) => this.told(message), () => this.now());
    this.state = panelAtFirst({ presenter: model.get("presenter") });
    this.listeners = [
      [model, "change:presenter", () => this.tell("presenter", model.get("presenter"))],
      [model, "change:session", () => this.otherSession()],
    ];
    for (const [, name, listener] of this.listeners) model.on(name, listener);
    this.leaving = () => this.keep();
    page.addEventListener("pagehide", this.leaving);
    this.devicesChanged = () => this.lookForDevices();
    page.navigator.mediaDevices?.addEventListener?.("devicechange", this.devicesChanged);
  }

  /** Go on with what a reload interrupted, or follow what another tab does; called once, returns at once. */
  begin() {
    this.kernel.stock();
    const kept = this.place.kept();
    if (kept) this.goOn(kept);
    else this.otherSession();
  }

  /** Seconds on the page's own clock. */
  now() {
    return this.page.performance.now() / 1000;
  }

  /** Take a notification and show what came of it. */
  tell(what, detail) {
    this.state = panelAfter(this.state, { what, detail, now: this.now() });
    this.drawing ??= this.page.requestAnimationFrame(() => {
      this.drawing = null;
      for (const view of this.views) view.show(this.state, this.now());
    });
  }

  /** Show everything in `view` from now on. */
  attach(view) {
    this.views.add(view);
    view.show(this.state, this.now());
  }

  /** Show nothing in `view` any more. */
  detach(view) {
    this.views.delete(view);
  }

  // --- what a person does

  /** Do what a person asked for. @param {string} what @param {Event} event */
  act(what, event) {
    const { action } = mainAction(this.state);
    if (what === "key") return this.key(event);
    if (what === "left") return this.left(event);
    if (what === "main-down" || what === "main-up") {
      const down = what === "main-down";
      this.pointed = down;
      if (action === "push" && (down || this.state.push === "down")) this.pushed(down ? "down" : "up");
      return undefined;
    }
    if (what === "main") return action === "push" ? undefined : this.perform(action);
    if (what === "device") return this.chooseDevice(event.target.value);
    if (what === "push") return this.pushed(this.state.push === "off" ? "up" : "off");
    if (what === "mute") return this.perform(this.state.muted ? "unmute" : "mute");
    return this.perform(what);
  }

  key(event) {
    const control = event.target.closest?.("button, select, input, textarea, summary");
    const own = control === null || control === undefined || control.classList.contains("wb-main");
    if (event.ctrlKey || event.metaKey || event.altKey || (!own && event.key !== "Escape" && event.key.toLowerCase() !== "m")) return undefined;
    if (control?.tagName === "SELECT") return undefined;
    if (event.key === "Escape" && this.state.keeping?.step === "confirming") {
      event.stopPropagation();
      return this.act("withdraw-not");
    }
    const action = keyAction(event.key, event.type === "keydown", this.state);
    if (action === null) return undefined;
    event.preventDefault();
    event.stopPropagation();
    return event.repeat ? undefined : this.perform(action);
  }

  /** The focus has left the panel: a key that is held down will be let go elsewhere. */
  left(event) {
    const within = event.relatedTarget && event.currentTarget.contains(event.relatedTarget);
    if (!within && !this.pointed && this.state.push === "down") this.pushed("up");
  }

  perform(action) {
    const deeds = {
      talk: () => this.talk(),
      take: () => this.takeOver(),
      resume: () => this.session?.resume(),
      mute: () => this.muted(true),
      unmute: () => this.muted(false),
      "push-down": () => this.pushed("down"),
      "push-up": () => this.pushed("up"),
      stop: () => this.stop(),
      withdraw: () => this.tell("withdraw", true),
      "withdraw-not": () => this.tell("withdraw", false),
      "withdraw-all": () => this.consent("none"),
      "withdraw-sound": () => this.consent("transcript"),
      "consent-yes": () => this.consent(this.state.keeping.asks),
      "consent-no": () => this.consent("none"),
      presenter: () => {
        this.model.set("presenter", !this.state.presenter);
        this.model.save_changes();
      },
    };
    return deeds[action]?.();
  }

  /** Have no more than `level` kept, or say that it may be. */
  consent(level) {
    if (!this.session) return;
    this.session.consent(level);
    this.tell("withdrawing", level);
  }

  muted(muted) {
    this.session?.mute(muted);
    this.tell("muted", muted);
  }

  pushed(push) {
    if (this.state.push === push) return;
    this.session?.pushToTalk(push);
    this.tell("push", push);
  }

  async chooseDevice(device) {
    this.tell("devices", { devices: this.state.devices, device });
    if (!this.session) return;
    try {
      this.session.replaceSource(await this.source.open(device));
      this.source.begin();
    } catch (error) {
      await this.refuse(error);
    }
  }

  // --- a session's life

  /** Begin a session. */
  async talk() {
    if (isActive(this.state) || this.state.phase === "asking") return;
    this.tell("asking");
    const check = this.kernel.ask("check", {}, CHECK_PATIENCE);
    const unanswered = setTimeout(() => this.tell("unanswered"), ANSWER_PATIENCE);
    try {
      const stream = await this.sound();
      const checked = await check;
      if (checked?.reason) throw checked;
      await this.place.take();
      await this.carry(stream, undefined);
    } catch (error) {
      await this.refuse(error);
    } finally {
      clearTimeout(unanswered);
    }
  }

  /** Go on with the session of `kept`. */
  async goOn(kept) {
    if (!(await this.place.take())) return this.otherSession();
    if (kept.conversation) this.state = { ...this.state, conversation: kept.conversation };
    this.tell("status", { status: "reconnecting" });
    if (this.page.navigator.userActivation?.hasBeenActive === false) {
      this.tell("said", "The page was reloaded: if you hear nothing, click in it, as browsers want that first.");
    }
    try {
      await this.carry(await this.sound(), kept.session);
    } catch (error) {
      await this.refuse(error);
    }
    return undefined;
  }

  /** Take the session over from another tab. */
  async takeOver() {
    const { session } = this.state;
    this.tell("status", { status: "connecting" });
    try {
      const stream = await this.sound();
      const handed = await this.kernel.ask("take-over", { session }, HAND_OVER_PATIENCE);
      if (!handed?.state) throw { reason: "not-handed" };
      await this.place.take();
      await this.carry(stream, handed.state);
    } catch (error) {
      await this.refuse(error);
    }
  }

  async sound() {
    const microphone = await this.source.isMicrophone();
    const missing = missingAbility(abilities(this.page), microphone);
    if (missing) throw missing;
    const stream = await this.source.open(this.state.device);
    this.state = { ...this.state, picker: microphone };
    await this.lookForDevices();
    return stream;
  }

  async carry(stream, state) {
    const { model, page } = this;
    const basePath = basePathOf(page.document.getElementById("jupyter-config-data")?.textContent ?? null, model.get("base_path"));
    const ways = waysTo({ endpoint: model.get("endpoint"), transport: model.get("transport"), basePath }, page.location);
    const session = this.open({
      ways,
      token: () => this.kernel.token(),
      open: { assistant: model.get("assistant"), settings: model.get("settings") },
      codec: sessionCodec(model.get("codec"), model.get("transport")),
      ...(state ? { state } : {}),
      on: (what, detail) => this.session === session && this.notified(what, detail),
    });
    this.session = session;
    if (this.state.muted) session.mute(true);
    if (this.state.push !== "off") session.pushToTalk(this.state.push);
    this.keeping ??= setInterval(() => this.keep(), KEEP_EVERY);
    await session.start(stream); // where sound needs a click first, this lasts until there is one
  }

  notified(what, detail) {
    const before = this.state;
    this.tell(what, what === "welcome" ? { ...detail, persistent: this.model.get("settings").persistent === true } : detail);
    if (what === "welcome") {
      this.kernel.tell("opened", { session: detail.session, state: this.session.state() });
      if (this.model.get("session") !== detail.session) {
        this.model.set("session", detail.session);
        this.model.save_changes();
      }
      this.keep();
    }
    if (what !== "status") return;
    if (detail.status === "live") this.source.begin();
    if (!isActive(this.state) && (isActive(before) || before.phase === "asking")) this.ended(before);
  }

  /** Put away what a session needed; say what the kernel knows if it never came about. */
  async ended() {
    const { phase, conversation } = this.state;
    this.letGo();
    if (phase === "elsewhere") return this.kernel.tell("follow", { since: conversation.next });
    this.forgetSession();
    if (phase === "failed" && !conversation.next) {
      const checked = this.kernel.refusal ?? await this.kernel.ask("check", {}, CHECK_PATIENCE);
      if (checked?.reason && this.state.phase === "failed") this.tell("refused", { sentence: refusalSentence(checked) });
    }
    return undefined;
  }

  letGo() {
    clearInterval(this.keeping);
    this.keeping = null;
    this.session = null;
    this.source.release();
    this.place.forget();
    this.place.free();
  }

  forgetSession() {
    if (!this.model.get("session")) return;
    this.model.set("session", "");
    this.model.save_changes();
  }

  /** End the session. */
  async stop() {
    const { session } = this;
    this.session = null;
    if (!session) return;
    this.tell("stopped");
    this.letGo();
    this.forgetSession();
    await session.stop();
  }

  async refuse(error) {
    const { session } = this;
    this.letGo();
    this.tell("refused", { sentence: refusalSentence(error) });
    await session?.stop();
  }

  sourceLost() {
    if (this.session) this.refuse({ name: "OverconstrainedError" });
  }

  keep() {
    const state = this.session?.state();
    if (state && isActive(this.state)) this.place.keep(state, this.state.conversation);
  }

  // --- other tabs, and the kernel

  otherSession() {
    const session = this.model.get("session");
    if (this.session || this.state.phase === "asking") return;
    if (session) {
      this.tell("elsewhere", { session });
      this.kernel.tell("follow", { since: this.state.conversation.next });
    } else if (this.state.phase === "elsewhere") this.tell("stopped");
  }

  told(message) {
    if (message.kind === "stop") return this.stop();
    if (message.kind === "consent") return this.consent(message.level);
    if (message.kind === "tune") return this.session?.tune(message.settings);
    if (message.kind === "hand-over" && this.session && message.page !== this.name) return this.handOver(message);
    if (message.kind === "events" && this.state.phase === "elsewhere" && message.session === this.state.session) {
      for (const event of message.events) this.tell("event", event);
    }
    return undefined;
  }

  /** Leave the session to the tab that asked. */
  async handOver({ ask, page }) {
    const { session } = this;
    session.suspend();
    await new Promise((settled) => { setTimeout(settled, SETTLING); });
    this.session = null;
    this.kernel.tell("handed", { ask, to: page, state: session.state() });
    this.tell("elsewhere", { session: this.state.session, conversation: this.state.conversation });
    this.letGo();
    this.kernel.tell("follow", { since: this.state.conversation.next });
    await session.stop(); // without a connection it ends nothing but itself
  }

  async lookForDevices() {
    const media = this.page.navigator.mediaDevices;
    if (!media?.enumerateDevices) return;
    const devices = microphonesOf(await media.enumerateDevices().catch(() => []));
    this.tell("devices", { devices, device: this.source.device() || this.state.device });
  }

  /** Take everything back: the widget is gone. */
  close() {
    for (const [target, name, listener] of this.listeners) target.off(name, listener);
    this.page.removeEventListener("pagehide", this.leaving);
    this.page.navigator.mediaDevices?.removeEventListener?.("devicechange", this.devicesChanged);
    const { session } = this;
    this.letGo();
    this.kernel.close();
    return session?.stop();
  }
}

function abilities(page) {
  return {
    secure: page.isSecureContext,
    media: Boolean(page.navigator.mediaDevices?.getUserMedia),
    worklet: typeof page.AudioWorkletNode === "function",
    worker: typeof page.Worker === "function",
  };
}
