/** The administrator's page: asks the API every two seconds and shows what it says. Texts only, never markup. */

const EVERY = 2000;
const state = document.getElementById("state");
let token = "";
let timer = 0;

/** An element with a text or children. */
function element(name, content = "", className = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (Array.isArray(content)) made.append(...content);
  else made.textContent = content;
  return made;
}

/**
 * A table, or a sentence where there are no rows.
 * @param {[string, (row: Object) => (string|Node), boolean?][]} columns title, cell, whether it is a number
 */
function table(rows, columns, none) {
  if (!rows.length) return element("p", none, "none");
  const kind = (number) => (number ? "number" : "");
  const head = element("tr", columns.map(([title, , number]) => element("th", title, kind(number))));
  const body = rows.map((row) =>
    element("tr", columns.map(([, cell, number]) => {
      const content = cell(row);
      return element("td", content instanceof Node ? [content] : content, kind(number));
    })),
  );
  return element("table", [element("thead", [head]), element("tbody", body)]);
}

/** What is used of a limit, as numbers and a bar; null is no limit. */
function used(value, most, unit) {
  const text = most === null ? `${value}${unit}, no limit` : `${value} of ${most}${unit}`;
  if (most === null) return text;
  const meter = document.createElement("meter");
  Object.assign(meter, { min: 0, max: Math.max(most, 1e-9), high: most * 0.8, optimum: 0, value: Math.min(value, most) });
  meter.setAttribute("aria-label", text);
  return element("span", [meter, ` ${text}`]);
}

/** What a project leaves to the endpoint's settings. */
const ENDPOINTS = "endpoint's";

const listed = (values) => (values.length ? values.join(", ") : "any");
const limit = (value, unit) => (value === null ? "endpoint's" : `${value}${unit}`);

function show({ quotas, sessions, projects, refusals }) {
  const place = (id, content) => document.getElementById(id).replaceChildren(content);
  place("quotas", table(quotas.quotas, [
    ["project", (row) => (row.registered ? row.project : `${row.project} (not registered)`)],
    ["sessions", (row) => used(row.sessions, row.sessions_max, "")],
    ["today", (row) => used(row.minutes_today, row.minutes_a_day, " min")],
  ], "No project is registered, and none is used."));
  place("sessions", table(sessions.sessions, [
    ["session", (row) => row.session],
    ["phase", (row) => row.phase],
    ["project", (row) => row.project],
    ["client", (row) => row.client ?? ""],
  ], "No session is live or held."));
  place("projects", table(projects.projects, [
    ["project", (row) => (row.disabled ? `${row.name} (disabled)` : row.name)],
    ["origins", (row) => listed(row.origins)],
    ["clients", (row) => listed(row.clients)],
    ["voice", (row) => row.voice ?? "assistant's"],
    ["language", (row) => row.language ?? "endpoint's"],
    ["longest session", (row) => limit(row.session_max, " s"), true],
    ["kept", (row) => (row.retention_days === null ? ENDPOINTS : `${row.retention_days} days`), true],
    ["may be stored", (row) => row.consent ?? ENDPOINTS],
    ["masked", (row) => (row.mask === null ? ENDPOINTS : row.mask ? "yes" : "no")],
  ], "No project is registered: workbench project create NAME."));
  place("refusals", table(refusals.refusals, [
    ["when (UTC)", (row) => new Date(row.at * 1000).toISOString().slice(0, 19).replace("T", " ")],
    ["why", (row) => row.reason],
    ["project", (row) => row.project ?? ""],
    ["client", (row) => row.client ?? ""],
    ["address", (row) => row.address ?? ""],
  ], "Nobody was refused."));
}

/** The API's answer; throws with its sentence. */
async function ask(name) {
  const answer = await fetch(`v1/admin/${name}`, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error.message);
  return body;
}

async function look() {
  clearTimeout(timer);
  const names = ["quotas", "sessions", "projects", "refusals"];
  try {
    const answers = {};
    for (const name of names) answers[name] = await ask(name); // a bad token is refused once, not four times
    show(answers);
    document.getElementById("main").hidden = false;
    tell(`as of ${new Date().toISOString().slice(11, 19)} UTC`, false);
    timer = setTimeout(look, EVERY);
  } catch (error) {
    tell(error instanceof TypeError ? "The endpoint does not answer: trying again." : `Refused: ${error.message}. A new one: workbench token mint --scope admin`, true);
    if (error instanceof TypeError) timer = setTimeout(look, EVERY);
  }
}

function tell(text, problem) {
  state.textContent = text;
  state.className = problem ? "problem" : "";
}

document.getElementById("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("token");
  token = field.value.trim();
  field.value = "";
  look();
});
