/** A connection by WebSocket: the transport that lives in the session's worker. */

/** Seconds to find out why a socket was refused, of which a browser tells a page nothing. */
const PROBE_TIMEOUT = 3;

/** @param {import("./transport.js").Dial} dial @returns {import("./transport.js").Transport} */
export function openSocket({ url, token, opened, message, closed }) {
  let socket;
  try {
    socket = new WebSocket(url, ["workbench.v1", `workbench-token.${token}`]);
  } catch {
    queueMicrotask(() => closed(1006, "", undefined, `this page may not open ${host(url)}: a page served by https needs wss`));
    return { send() {}, close() {}, buffered: () => 0, carriesAudio: false };
  }
  let admitted = false;
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    admitted = true;
    opened();
  };
  socket.onmessage = ({ data }) => message(data);
  socket.onclose = async ({ code, reason }) => {
    if (admitted) return closed(code, reason);
    const { status, sentence } = await refusal(url, token);
    closed(1006, "", status, sentence);
  };
  return {
    send: (data) => socket.readyState === WebSocket.OPEN && socket.send(data),
    close: (code = 1000) => socket.close(code),
    buffered: () => socket.bufferedAmount,
    carriesAudio: false,
  };
}

/**
 * Find out why a socket was refused: ask the same address by HTTP, where the gateway says it. Another origin's answer
 * can't be read; that there was one shows that the endpoint is there.
 */
async function refusal(url, token) {
  const address = url.replace(/^ws/, "http");
  const signal = AbortSignal.timeout(PROBE_TIMEOUT * 1000);
  try {
    if (new URL(address).origin === self.location.origin) {
      const answer = await fetch(address, { headers: { Authorization: `Bearer ${token}` }, signal, cache: "no-store" });
      const body = await answer.json().catch(() => null);
      return said(answer.status, body, url);
    }
    await fetch(address, { mode: "no-cors", credentials: "omit", signal, cache: "no-store" });
    return { sentence: `the endpoint at ${host(url)} refused this page: its token or the page's address is not accepted` };
  } catch {
    return { sentence: `no endpoint answers at ${host(url)}: is it still running?` };
  }
}

/** Return what an HTTP answer says; exported for its test. @param {number} status @param {any} body @param {string} url */
export function said(status, body, url) {
  const message = body?.error?.message;
  if (typeof message === "string") return { status, sentence: `the endpoint refused the connection: ${message}` };
  if (status === 404) return { status: undefined, sentence: `nothing is offered at ${host(url)}: is jupyter-server-proxy installed?` };
  if (status >= 500) return { status, sentence: `no endpoint answers behind ${host(url)} (status ${status}): is it still running?` };
  return { status: undefined, sentence: `no WebSocket came about at ${host(url)} (status ${status})` };
}

/** Return the host of an address, never its path: the path is a secret. */
function host(url) {
  try {
    return new URL(url).host;
  } catch {
    return "its address";
  }
}
