/** The line that says what is kept, and the buttons that change it; nothing is decided here. */
import { make, mark, write } from "./live_dom.js";
import { keptSentence, mayWithdraw, mayWithdrawSound } from "./live_keeping.js";
import { isActive } from "./live_state.js";

/** Draws one line below the conversation. */
export class KeepingView {
  /**
   * @param {Document} page
   * @param {(action: string) => (event: Event) => void} tell makes listeners: "withdraw", "withdraw-not", "withdraw-all",
   *     "withdraw-sound", "consent-yes", "consent-no"
   */
  constructor(page, tell) {
    const button = (action, label) => make(page, "button", { type: "button", class: "wb-button", onclick: tell(action) }, label);
    this.said = make(page, "span", { class: "wb-kept", role: "status" });
    this.withdraw = button("withdraw", "Withdraw…");
    mark(this.withdraw, "aria-label", "Withdraw consent");
    this.yes = button("consent-yes", "It may be kept");
    this.no = button("consent-no", "Keep nothing");
    this.all = button("withdraw-all", "Delete all");
    this.sound = button("withdraw-sound", "Delete the sound only");
    this.not = button("withdraw-not", "Leave it");
    this.question = make(page, "span", null);
    this.confirm = make(page, "div", { class: "wb-confirm", role: "group", hidden: true }, this.question, this.all, this.sound, this.not);
    this.root = make(
      page, "div", { class: "wb-keeping", role: "group", "aria-label": "What is kept" },
      this.said, this.yes, this.no, this.withdraw, this.confirm,
    );
  }

  /** @param {import("./live_state.js").PanelState} state @param {() => void} away puts the focus where it is of use */
  show(state, away) {
    const { keeping } = state;
    const active = isActive(state);
    const open = active && keeping !== null;
    const confirming = open && keeping.step === "confirming";
    const asked = open && keeping.asks !== null && keeping.step === "";
    mark(this.root, "hidden", keeping === null || state.phase === "elsewhere");
    write(this.said, keptSentence(keeping, active));
    const focused = this.page().activeElement;
    const within = focused !== null && this.root.contains(focused);
    mark(this.withdraw, "hidden", !open || confirming || keeping.step === "waiting" || !mayWithdraw(keeping));
    for (const one of [this.yes, this.no]) mark(one, "hidden", !asked);
    mark(this.sound, "hidden", !confirming || !mayWithdrawSound(keeping));
    this.ask(confirming);
    if (confirming === this.confirming) return;
    this.confirming = confirming;
    if (confirming) this.not.focus();
    else if (within) (this.withdraw.hasAttribute("hidden") ? away() : this.withdraw.focus());
  }

  ask(confirming) {
    const question = "Delete what was kept, and keep no more? That can't be undone.";
    mark(this.confirm, "hidden", !confirming);
    write(this.question, confirming ? question : "");
    mark(this.confirm, "aria-label", confirming ? question : null);
  }

  page() {
    return this.root.getRootNode();
  }
}
