/** Which ways lead from this page to the endpoint, in the order they are tried. */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Path of a session below an endpoint's base URL. */
export const SESSION_PATH = "/v1/session";

/**
 * The ways to `endpoint` from the page at `page`.
 *
 * A page on this computer by plain http reaches a loopback endpoint directly; any other page can't (it runs on
 * another computer, or https forbids it), and goes through the notebook server's proxy.
 *
 * @param {{endpoint: string, transport: string, basePath: string}} wish `endpoint`: base URL, `ws://host:port/prefix`;
 *     `basePath`: of the notebook server, ends with a slash
 * @param {{protocol: string, hostname: string, host: string}} page its location
 * @returns {{way: "direct"|"proxied"|"webrtc", url: string}[]}
 */
export function waysTo({ endpoint, transport, basePath }, page) {
  const there = new URL(endpoint);
  const onLoopback = LOOPBACK.test(there.hostname);
  const near = page.protocol === "http:" && LOOPBACK.test(page.hostname);
  const direct = { way: "direct", url: endpoint.replace(/\/$/, "") + SESSION_PATH };
  const socket = page.protocol === "https:" ? "wss:" : "ws:";
  const path = there.pathname.replace(/\/$/, "");
  const proxied = {
    way: "proxied",
    url: `${socket}//${page.host}${basePath}proxy/${there.port}${path}${SESSION_PATH}`,
  };
  const sockets = !onLoopback ? [direct] : near ? [direct, proxied] : [proxied];
  if (transport !== "webrtc") return sockets;
  return [{ way: "webrtc", url: sockets[0].url }, ...sockets];
}

/**
 * The codec a session is opened with: WebRTC codes by Opus itself, so what goes into it is plain, or it would be coded twice.
 * Should WebRTC not come about, the session stays with that.
 * @param {string} codec @param {string} transport
 */
export function sessionCodec(codec, transport) {
  return transport === "webrtc" && codec === "opus" ? "pcm16" : codec;
}

/**
 * The notebook server's base path: as the page says it, or else as the kernel knows it.
 * @param {string|null} config text of the page's `#jupyter-config-data`
 * @param {string} told what the kernel says
 */
export function basePathOf(config, told) {
  try {
    const { baseUrl } = JSON.parse(config ?? "");
    if (typeof baseUrl === "string" && baseUrl.startsWith("/")) return baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`;
  } catch {
    // no such element, or of another kind: the kernel's word counts
  }
  return told || "/";
}

/** How a way is called. */
export const WAY_NAMES = Object.freeze({ direct: "direct WebSocket", proxied: "proxied WebSocket", webrtc: "WebRTC" });
