/** The widget of a session's timeline: a kernel holds the session, this module shows it. */

import { TimelinePanel } from "./timeline_panel.js";
import { KernelSource } from "./timeline_source.js";

function render({ model, el }) {
  const panel = new TimelinePanel(el, new KernelSource(model));
  return () => panel.close();
}

export default { render };
