/** What a page changes in its offer by WebRTC: text in, text out. */

/**
 * Return an offer without candidates that are names of `.local`: the endpoint would take a second to find out whose they are,
 * and is reached without them.
 * @param {string} sdp
 */
export function withoutLocalNames(sdp) {
  const lines = sdp.split(/\r?\n/).filter((line) => !(line.startsWith("a=candidate:") && /\s\S+\.local\s/.test(line)));
  return lines.join("\r\n");
}
