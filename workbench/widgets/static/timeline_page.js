/** The timeline in a page of its own: everything is in the page, nothing is fetched. */

import { TimelinePanel } from "./timeline_panel.js";
import { PageSource } from "./timeline_source.js";

function bytesOf(id) {
  const text = atob(document.getElementById(id).textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

const told = JSON.parse(document.getElementById("session-info").textContent);
const place = document.getElementById("timeline");
const element = document.getElementById("session-sound");
new TimelinePanel(place, new PageSource(told, bytesOf("session-index"), bytesOf("session-overview"), element));
