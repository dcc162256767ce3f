/** Time that a test lets pass, and connections that it plays the endpoint of. */

/** Let promises come to their end. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

export class World {
  constructor() {
    this.now = 0;
    this._timers = [];
    this.calls = [];
    this.timers = {
      now: () => this.now,
      after: (seconds, call) => {
        const timer = { at: this.now + seconds, call };
        this._timers.push(timer);
        return () => {
          this._timers = this._timers.filter((one) => one !== timer);
        };
      },
    };
    this.dial = (dial) => {
      const call = new Call(dial);
      this.calls.push(call);
      return call.transport;
    };
  }

  /** Let `seconds` pass; `pongs` answers a call's pings meanwhile. */
  advance(seconds, { pongs = null } = {}) {
    const end = this.now + seconds;
    for (;;) {
      const due = this._timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this._timers = this._timers.filter((one) => one !== due);
      this.now = Math.max(this.now, due.at);
      const before = pongs?.sent.length;
      due.call();
      for (const one of pongs?.sent.slice(before) ?? []) {
        if (one.type === "ping") pongs.say({ type: "pong", sent: one.sent, at: this.now });
      }
    }
    this.now = end;
  }

  /** Return the newest connection. */
  call() {
    return this.calls.at(-1);
  }
}

class Call {
  constructor({ url, token, opened, message, closed }) {
    Object.assign(this, { url, token, opened, closed });
    this.sent = [];
    this.waiting = 0;
    this.left = false;
    this.say = (wire) => message(JSON.stringify(wire));
    this.raw = message;
    this.transport = {
      send: (data) => this.sent.push(typeof data === "string" && data.startsWith("{") ? JSON.parse(data) : data),
      close: () => {
        this.left = true;
      },
      buffered: () => this.waiting,
      carriesAudio: false,
    };
  }
}
