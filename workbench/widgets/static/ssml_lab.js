/** The widget of the SSML lab: a kernel reads, says and measures what is typed here. */

import { LabPanel } from "./ssml_panel.js";

function render({ model, el }) {
  const panel = new LabPanel(el, model);
  return () => panel.close();
}

export default { render };
