const WHAT = "iframe-call-message";

/** In React Native daily-js speaks over two emitters instead of `postMessage`. @type {any} */
const NATIVE = globalThis;

/**
 * @param {string} callClientId
 * @param {Fields} message an event, or a reply with its `callbackStamp`
 */
function postToDailyJs(callClientId, message) {
  if (NATIVE.callMachineToDailyJsEmitter) {
    NATIVE.callMachineToDailyJsEmitter.emit("message", { ...message, callClientId });
    return;
  }
  const target = window.location.protocol === "file:" ? "*" : window.location.origin;
  window.postMessage({ ...message, what: WHAT, from: "embedded", callClientId }, target);
}

/**
 * Hear what daily-js sends to the machine of one call object, until that object is destroyed or the page goes.
 *
 * @param {CallMachine} call
 */
function listenToDailyJs(call) {
  if (NATIVE.dailyJsToCallMachineEmitter) {
    listenInReactNative(call, NATIVE.dailyJsToCallMachineEmitter);
    return;
  }
  const goesAway = () => call.end();
  /** @param {MessageEvent} event */
  const hear = ({ data }) => {
    if (!call.instance) {
      window.removeEventListener("message", hear);
      window.removeEventListener("pagehide", goesAway);
      return;
    }
    if (data?.what === WHAT && data.from === "module") {
      carryOut(call, data);
    }
  };
  window.addEventListener("message", hear);
  window.addEventListener("pagehide", goesAway);
}

/**
 * @param {CallMachine} call
 * @param {{addListener: Function, removeListener: Function}} emitter
 */
function listenInReactNative(call, emitter) {
  /** @param {ActionMessage} message */
  const hear = (message) => {
    if (call.instance) {
      carryOut(call, message);
    } else {
      emitter.removeListener("message", hear);
    }
  };
  emitter.addListener("message", hear);
}

/**
 * @param {CallMachine} call
 * @param {ActionMessage} message
 */
function carryOut(call, message) {
  if (message.callClientId === call.callClientId && message.action) {
    void act(call, message);
  }
}
