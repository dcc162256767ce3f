/** Hands on a timeline: wheel, pointer and keys of a board and its overview, told as what they ask for. */

import { GUTTER, laneAt } from "./timeline_layout.js";
import { keyAction, wheelAction } from "./timeline_view.js";

const STILL = 3; // pixels a pointer may move and still click

export class Hands {
  /**
   * @param {HTMLElement} board
   * @param {HTMLElement} strip
   * @param {Object} asks see(), pan(pixels, view), zoom(factor, x), act(action), scrub(x), choose(x), hover(x, y) and
   *   jump(x), x in pixels of the view
   */
  constructor(board, strip, asks) {
    this.board = board;
    this.asks = asks;
    this.held = null; // what a pressed pointer does
    board.addEventListener("wheel", (event) => this._wheel(event), { passive: false });
    board.addEventListener("keydown", (event) => this._key(event));
    board.addEventListener("pointerdown", (event) => this._press(event));
    board.addEventListener("pointermove", (event) => this._move(event));
    board.addEventListener("pointerup", (event) => this._release(event));
    board.addEventListener("pointercancel", () => { this.held = null; });
    board.addEventListener("pointerleave", () => asks.hover(null));
    strip.addEventListener("pointerdown", (event) => {
      strip.setPointerCapture(event.pointerId);
      asks.jump(this._x(event));
    });
    strip.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) asks.jump(this._x(event));
    });
  }

  _x(event) {
    return event.clientX - this.board.getBoundingClientRect().left - GUTTER;
  }

  _y(event) {
    return event.clientY - this.board.getBoundingClientRect().top;
  }

  _wheel(event) {
    const action = wheelAction(event, this.board.matches(":focus"));
    if (!action) return;
    event.preventDefault();
    if (action.what === "pan") this.asks.pan(action.pixels, this.asks.see());
    else this.asks.zoom(action.factor, this._x(event));
  }

  _key(event) {
    const action = keyAction(event);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation(); // a notebook has keys of its own
    this.asks.act(action);
  }

  _press(event) {
    if (event.button !== 0) return;
    this.board.focus({ preventScroll: true });
    this.board.setPointerCapture(event.pointerId);
    const scrub = laneAt(this._y(event))?.name === "ruler";
    this.held = { x: this._x(event), view: this.asks.see(), moved: false, scrub };
    if (scrub) this.asks.scrub(this._x(event));
  }

  _move(event) {
    const x = this._x(event);
    if (!this.held) this.asks.hover(x, this._y(event));
    else if (this.held.scrub) this.asks.scrub(x);
    else {
      this.held.moved ||= Math.abs(x - this.held.x) > STILL;
      if (this.held.moved) this.asks.pan(this.held.x - x, this.held.view);
    }
  }

  _release(event) {
    const held = this.held;
    this.held = null;
    const x = this._x(event);
    if (held && !held.moved && !held.scrub && x >= 0) this.asks.choose(x);
  }
}
