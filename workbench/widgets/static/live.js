/** The live panel's ES module: one session for each model in a page, shown in each of its views. */
import { LivePanel } from "./live_panel.js";
import { LiveView } from "./live_view.js";
import { PageSession } from "./page_session.js";
import { openRtc } from "./webrtc.js";

/** Panels of this page by name; a model's views come later, and may be several. */
const LIVE_PANELS = new Map();

function panelOf(model) {
  const name = model.get("panel");
  if (!LIVE_PANELS.has(name)) {
    const panel = new LivePanel(model, { open: (wish) => new PageSession({ ...wish, openRtc }), page: window });
    LIVE_PANELS.set(name, panel);
    panel.begin();
  }
  return LIVE_PANELS.get(name);
}

function initialize({ model }) {
  panelOf(model);
  return () => {
    const name = model.get("panel");
    LIVE_PANELS.get(name)?.close();
    LIVE_PANELS.delete(name);
  };
}

function render({ model, el }) {
  const panel = panelOf(model);
  const view = new LiveView(el, { act: (action, event) => panel.act(action, event) });
  panel.attach(view);
  return () => {
    panel.detach(view);
    view.remove();
  };
}

export default { initialize, render };
