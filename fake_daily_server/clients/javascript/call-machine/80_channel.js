const WHAT = "iframe-call-message";

/**
 * @param {string} callClientId
 * @param {Fields} message an event, or a reply with its `callbackStamp`
 */
function postToDailyJs(callClientId, message) {
  const target = window.location.protocol === "file:" ? "*" : window.location.origin;
  window.postMessage({ ...message, what: WHAT, from: "embedded", callClientId }, target);
}

/**
 * Hear what daily-js sends to the machine of one call object, until that object is destroyed or the page goes.
 *
 * @param {CallMachine} call
 */
function listenToDailyJs(call) {
  const goesAway = () => call.end();
  /** @param {MessageEvent} event */
  const hear = ({ data }) => {
    if (!call.instance) {
      window.removeEventListener("message", hear);
      window.removeEventListener("pagehide", goesAway);
      return;
    }
    if (data?.what === WHAT && data.from === "module" && data.callClientId === call.callClientId && data.action) {
      void act(call, data);
    }
  };
  window.addEventListener("message", hear);
  window.addEventListener("pagehide", goesAway);
}
