/** What a page keeps of its session over a reload, and whether another of its tabs has it. */

/** Most characters kept; beyond it the transcript is left out. */
export const KEPT_MAX = 2_000_000;

/** The place of one panel in one tab. */
export class LivePlace {
  /** @param {string} panel the panel's name @param {{sessionStorage: Storage, navigator: Navigator}} page */
  constructor(panel, page) {
    this.name = `workbench-live-${panel}`;
    this.page = page;
    this.leave = null;
  }

  /** Keep `session` (of `PageSession.state()`) and what is shown. @param {object} session @param {object} conversation */
  keep(session, conversation) {
    const whole = JSON.stringify({ session, conversation });
    const text = whole.length <= KEPT_MAX ? whole : JSON.stringify({ session, conversation: null });
    try {
      this.page.sessionStorage.setItem(this.name, text);
    } catch {
      this.forget(); // no room, or none allowed: a reload begins anew and says so
    }
  }

  /** What was kept, or null. @returns {{session: object, conversation: object|null}|null} */
  kept() {
    try {
      const kept = JSON.parse(this.page.sessionStorage.getItem(this.name) ?? "null");
      return kept?.session ? kept : null;
    } catch {
      return null;
    }
  }

  /** Keep nothing any more. */
  forget() {
    try {
      this.page.sessionStorage.removeItem(this.name);
    } catch {
      // there was nothing to keep it in
    }
  }

  /** Take the panel's lock; false if another tab of this browser has it. Where there are no locks, it is free. */
  take() {
    if (this.leave) return Promise.resolve(true);
    const locks = this.page.navigator.locks;
    if (!locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      locks.request(this.name, { ifAvailable: true }, (lock) => {
        resolve(Boolean(lock));
        return lock ? new Promise((leave) => { this.leave = leave; }) : undefined;
      }).catch(() => resolve(true));
    });
  }

  /** Give the lock back. */
  free() {
    this.leave?.();
    this.leave = null;
  }
}
