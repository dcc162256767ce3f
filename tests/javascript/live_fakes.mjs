/** What a panel meets in a page, small and in memory: a model, a page, a session, elements. */

export class FakeModel {
  constructor(state, child) {
    this.state = { panel: "p", endpoint: "ws://127.0.0.1:9/x", base_path: "/", assistant: "coffee", settings: {}, codec: "pcm16", transport: "websocket", presenter: false, session: "", source: "IPY_MODEL_1", ...state };
    this.handlers = {};
    this.sent = [];
    this.saved = 0;
    this.widget_manager = { get_model: async (id) => (id === "1" && child ? child : Promise.reject(new Error("no such model"))) };
  }

  get(key) { return this.state[key]; }

  set(key, value) {
    this.state[key] = value;
    this.trigger(`change:${key}`);
  }

  save_changes() { this.saved += 1; }

  on(name, handler) { (this.handlers[name] ??= []).push(handler); }

  off(name, handler) { this.handlers[name] = (this.handlers[name] ?? []).filter((one) => one !== handler); }

  trigger(name, detail) { for (const handler of [...(this.handlers[name] ?? [])]) handler(detail); }

  send(message) {
    this.sent.push(message);
    this.kernel?.(message, (answer) => this.trigger("msg:custom", answer));
  }
}

/** Answers as the kernel does. */
export function answering({ token = "t", check = {}, state = null } = {}) {
  return (message, tell) => {
    const answers = { token: token ? { token, lifetime: 3600 } : { reason: "no-token" }, check, "take-over": { state } };
    if (answers[message.kind]) queueMicrotask(() => tell({ kind: "answer", ask: message.ask, page: message.page, ...answers[message.kind] }));
  };
}

export class FakeTrack extends EventTarget {
  stopped = false;

  stop() { this.stopped = true; }

  getSettings() { return { deviceId: "a" }; }
}

export class FakeStream {
  track = new FakeTrack();

  getTracks() { return [this.track]; }

  getAudioTracks() { return [this.track]; }
}

/** An ipywebrtc model: a microphone by default. */
export class FakeSource {
  constructor({ kind = "CameraStreamModel", refusal = null, media = null } = {}) {
    Object.assign(this, { kind, refusal, asked: 0, media });
    this.constraints = { audio: { echoCancellation: true }, video: false };
  }

  get(key) { return key === "_model_name" ? this.kind : this.constraints; }

  set(key, value) {
    if (key === "constraints") this.constraints = value;
    else this[key] = value;
  }

  captureStream() {
    this.cameraStream ??= this.capture();
    return this.cameraStream;
  }

  async capture() {
    this.asked += 1;
    if (this.refusal) throw this.refusal;
    this.stream = new FakeStream();
    return this.stream;
  }
}

export class FakeSession {
  constructor(wish) {
    Object.assign(this, { wish, done: [] });
    FakeSession.made.push(this);
  }

  async start(stream) { this.done.push("start"); this.stream = stream; await this.started?.(); }

  async stop() { this.done.push("stop"); }

  suspend() { this.done.push("suspend"); }

  async resume() { this.done.push("resume"); }

  consent(level) { this.done.push({ consent: level }); }

  tune(settings) { this.done.push(settings); }

  mute(muted) { this.done.push(muted ? "mute" : "unmute"); }

  pushToTalk(push) { this.done.push(push); }

  replaceSource(stream) { this.stream = stream; }

  state() { return { session: "s", handle: "h" }; }

  tell(what, detail) { this.wish.on(what, detail); }
}
FakeSession.made = [];

class FakeStorage {
  items = new Map();

  getItem(key) { return this.items.get(key) ?? null; }

  setItem(key, value) { this.items.set(key, value); }

  removeItem(key) { this.items.delete(key); }
}

/** A window, as much of it as a panel uses; `taken`: whether another tab has the lock. */
export function fakePage({ secure = true, worklet = true, media = true, taken = false, origin = "http://localhost:8888" } = {}) {
  const page = new EventTarget();
  const { protocol, hostname, host } = new URL(origin);
  const devices = [{ kind: "audioinput", deviceId: "a", label: "Built-in" }, { kind: "videoinput", deviceId: "v", label: "Camera" }];
  return Object.assign(page, {
    isSecureContext: secure,
    location: { origin, protocol, hostname, host },
    sessionStorage: new FakeStorage(),
    performance: { now: () => page.time },
    time: 0,
    requestAnimationFrame: (draw) => { queueMicrotask(draw); return 1; },
    document: { getElementById: () => ({ textContent: JSON.stringify({ baseUrl: "/" }) }) },
    AudioWorkletNode: worklet ? class {} : undefined,
    Worker: class {},
    navigator: {
      mediaDevices: media ? { getUserMedia: () => {}, enumerateDevices: async () => devices, addEventListener() {}, removeEventListener() {} } : undefined,
      locks: { request: async (name, options, held) => held(taken ? null : {}) },
    },
  });
}

/** Let everything that waits for nothing outside happen. */
export async function settled() {
  for (let step = 0; step < 20; step += 1) await new Promise((resolve) => { setImmediate(resolve); });
}

class FakeClassList {
  constructor(node) { this.node = node; }

  contains(name) { return (this.node.attributes.class ?? "").split(" ").includes(name); }
}

/** An element, as much of it as the view uses. */
export class FakeElement {
  constructor(tag, page) {
    Object.assign(this, { tagName: tag.toUpperCase(), ownerDocument: page, attributes: {}, children: [], listeners: {}, style: {}, dataset: {}, parentNode: null });
    this.scrollHeight = this.scrollTop = this.clientHeight = 0;
    this.disabled = false;
    this.value = "";
    this.classList = new FakeClassList(this);
  }

  setAttribute(name, value) { this.attributes[name] = value; }

  getAttribute(name) { return this.attributes[name] ?? null; }

  hasAttribute(name) { return name in this.attributes; }

  removeAttribute(name) { delete this.attributes[name]; }

  addEventListener(name, listener) { (this.listeners[name] ??= []).push(listener); }

  append(...children) {
    for (const child of children) {
      this.children.push(child);
      if (child instanceof FakeElement) child.parentNode = this;
    }
  }

  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }

  replaceWith(other) {
    const { children } = this.parentNode;
    children[children.indexOf(this)] = other;
    other.parentNode = this.parentNode;
  }

  getRootNode() { return this.ownerDocument; }

  focus() { this.ownerDocument.activeElement = this; }

  contains(other) { return other === this || this.children.some((child) => child instanceof FakeElement && child.contains(other)); }

  remove() { this.parentNode.children = this.parentNode.children.filter((child) => child !== this); }

  get textContent() { return this.children.map((child) => (child instanceof FakeElement ? child.textContent : child)).join(""); }

  set textContent(text) { this.children = text ? [text] : []; }

  /** All elements below with the class. */
  all(name) {
    return this.children.flatMap((child) => (child instanceof FakeElement ? [...(child.classList.contains(name) ? [child] : []), ...child.all(name)] : []));
  }

  dispatch(name, event) { for (const listener of this.listeners[name] ?? []) listener({ type: name, target: this, ...event }); }
}

/** A document and a host element in it. */
export function fakeHost() {
  const page = { activeElement: null, createElement: (tag) => new FakeElement(tag, page), createElementNS: (_, tag) => new FakeElement(tag, page) };
  return page.createElement("div");
}
