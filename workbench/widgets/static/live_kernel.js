/** What a page asks its kernel, over the widget's comm: nothing of it is in the way of the sound. */

/** Milliseconds to wait for a check: a kernel that is busy with a cell is not waited for. */
export const CHECK_PATIENCE = 1500;
/** Milliseconds to wait for a token when none is in store. */
export const TOKEN_PATIENCE = 20_000;
/** Seconds of life a token in store must have left. */
export const TOKEN_MARGIN = 60;

/** One page's talk with the kernel. */
export class LiveKernel {
  /**
   * @param {object} model
   * @param {string} page this page's own name
   * @param {string} origin of the page, for its tokens
   * @param {(message: object) => void} told called with every message that is no answer
   * @param {() => number} now seconds
   */
  constructor(model, page, origin, told, now) {
    Object.assign(this, { model, page, origin, told, now });
    this.asks = new Map();
    this.count = 0;
    this.spare = null;
    /** Why the last token asked for was not to be had, or null. */
    this.refusal = null;
    this.listener = (message) => this.heard(message);
    model.on("msg:custom", this.listener);
  }

  /** Send what needs no answer. @param {string} kind @param {object} more */
  tell(kind, more = {}) {
    this.model.send({ kind, page: this.page, ...more });
  }

  /**
   * Ask, and wait at most `patience` milliseconds; null if no answer came.
   * @param {string} kind @param {object} more @param {number} patience
   * @returns {Promise<object|null>}
   */
  ask(kind, more, patience) {
    const ask = ++this.count;
    this.tell(kind, { ask, ...more });
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(ask, null), patience);
      this.asks.set(ask, { resolve, timer });
    });
  }

  /** Fetch a token before it is needed, so that a busy kernel does not keep anyone from talking. */
  stock() {
    this.stocking ??= this.ask("token", { origin: this.origin }, TOKEN_PATIENCE).then((answer) => {
      this.stocking = null;
      this.refused = answer?.reason ? answer : null;
      if (answer?.token) this.spare = { token: answer.token, until: this.now() + answer.lifetime };
      return answer;
    });
    return this.stocking;
  }

  /** A token nobody has used; raises why there is none: `{reason, sentence?}`. @returns {Promise<string>} */
  async token() {
    if (!this.spare || this.spare.until - this.now() < TOKEN_MARGIN) await this.stock();
    const { spare } = this;
    this.spare = null;
    this.refusal = spare ? null : (this.refused ?? { reason: "no-kernel" });
    if (!spare) throw this.refusal;
    this.stock();
    return spare.token;
  }

  /** Stop listening. */
  close() {
    this.model.off("msg:custom", this.listener);
    for (const ask of [...this.asks.keys()]) this.settle(ask, null);
  }

  heard(message) {
    if (message.kind !== "answer") return this.told(message);
    if (message.page === this.page) this.settle(message.ask, message);
  }

  settle(ask, answer) {
    const waiting = this.asks.get(ask);
    this.asks.delete(ask);
    clearTimeout(waiting?.timer);
    waiting?.resolve(answer);
  }
}
