/** What a page changes in the descriptions of WebRTC: text in, text out. */

/**
 * Return an offer without candidates that are names of `.local`: the endpoint would take a second to find out whose they are,
 * and is reached without them.
 * @param {string} sdp
 */
export function withoutLocalNames(sdp) {
  const lines = sdp.split(/\r?\n/).filter((line) => !(line.startsWith("a=candidate:") && /\s\S+\.local\s/.test(line)));
  return lines.join("\r\n");
}

/**
 * Return an answer that asks this page's encoder for in-band FEC and for mono; the endpoint's says nothing of either.
 * @param {string} sdp
 */
export function withFec(sdp) {
  const opus = /^a=rtpmap:(\d+) opus\/48000/im.exec(sdp)?.[1];
  if (opus === undefined) return sdp;
  const wanted = "useinbandfec=1;stereo=0";
  const lines = sdp.split(/\r?\n/).filter((line) => !line.startsWith(`a=fmtp:${opus} `));
  const place = lines.findIndex((line) => line.toLowerCase().startsWith(`a=rtpmap:${opus} opus`));
  lines.splice(place + 1, 0, `a=fmtp:${opus} ${wanted}`);
  return lines.join("\r\n");
}
