/** The widget of a listening test: the kernel says what is asked and sends sounds, this module lets them be judged. */

import { ListeningPanel } from "./listening_panel.js";

function render({ model, el }) {
  const panel = new ListeningPanel(el, model);
  return () => panel.close();
}

export default { render };
