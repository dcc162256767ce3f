/** The widget of the tuner: a kernel decides recorded turns anew, this module shows and moves the thresholds. */

import { TunerPanel } from "./tuner_panel.js";

function render({ model, el }) {
  const panel = new TunerPanel(el, model);
  return () => panel.close();
}

export default { render };
