/** A transport that lives on the page, as the worker sees it: each call and each message crosses a port. */

/**
 * Return what dials over `port`; the page answers with `serveTransport`.
 * @param {{postMessage: (message: object) => void}} port @returns {{dial: (dial: import("./transport.js").Dial) => import("./transport.js").Transport, take: (told: object) => void}}
 */
export function distantTransport(port) {
  let number = 0;
  let current = null;
  const dial = ({ url, token, opened, message, closed }) => {
    number += 1;
    const mine = number;
    current = { number: mine, opened, message, closed };
    const post = (what, detail) => port.postMessage({ rtc: what, number: mine, detail });
    post("open", { url, token });
    return {
      send: (data) => post("send", data),
      close: (code) => post("close", code),
      buffered: () => 0, // the page's data channel bounds what waits
      carriesAudio: true,
    };
  };
  const take = ({ rtc, number: of, detail }) => {
    if (current === null || of !== current.number) return;
    if (rtc === "opened") current.opened();
    if (rtc === "message") current.message(detail);
    if (rtc === "closed") current.closed(...detail);
  };
  return { dial, take };
}

/**
 * Serve a worker's distant transport with a real one.
 * @param {{postMessage: (message: object) => void}} port  to the worker
 * @param {(dial: import("./transport.js").Dial) => import("./transport.js").Transport} open
 * @returns {{take: (told: object) => void, current: () => any}}
 */
export function serveTransport(port, open) {
  let transport = null;
  let number = 0;
  const take = (told) => {
    if (told.rtc === "open") {
      transport?.close();
      number = told.number;
      const mine = number;
      const post = (what, detail) => mine === number && port.postMessage({ rtc: what, number: mine, detail });
      transport = open({
        ...told.detail,
        opened: () => post("opened"),
        message: (message) => post("message", message),
        closed: (...detail) => post("closed", detail),
      });
    } else if (told.number === number) {
      if (told.rtc === "send") transport.send(told.detail);
      if (told.rtc === "close") transport.close(told.detail);
    }
  };
  return { take, current: () => transport };
}
