/** The value of the field `what` in messages between daily-js and its call machine. */
const MESSAGE_TYPE = "iframe-call-message";

/** The global object, in which React Native has two event emitters that replace `postMessage`. @type {any} */
const REACT_NATIVE = globalThis;

/**
 * @param {string} callClientId
 * @param {Fields} message an event, or a reply with the `callbackStamp` of its action
 */
function postToDailyJs(callClientId, message) {
  if (REACT_NATIVE.callMachineToDailyJsEmitter) {
    REACT_NATIVE.callMachineToDailyJsEmitter.emit("message", { ...message, callClientId });
    return;
  }
  const target = window.location.protocol === "file:" ? "*" : window.location.origin;
  window.postMessage({ ...message, what: MESSAGE_TYPE, from: "embedded", callClientId }, target);
}

/**
 * Listen to daily-js's messages for one call object until the call object is destroyed or the page is closed.
 *
 * @param {CallMachine} call
 */
function listenToDailyJs(call) {
  if (REACT_NATIVE.dailyJsToCallMachineEmitter) {
    listenInReactNative(call, REACT_NATIVE.dailyJsToCallMachineEmitter);
    return;
  }
  const pageClosed = () => {
    call.connection?.leaveWithPage();
    call.end();
  };
  /** @param {MessageEvent} event */
  const listener = ({ data }) => {
    if (!call.instance) {
      window.removeEventListener("message", listener);
      window.removeEventListener("pagehide", pageClosed);
      return;
    }
    if (data?.what === MESSAGE_TYPE && data.from === "module") {
      receive(call, data);
    }
  };
  window.addEventListener("message", listener);
  window.addEventListener("pagehide", pageClosed);
}

/**
 * @param {CallMachine} call
 * @param {{addListener: Function, removeListener: Function}} emitter
 */
function listenInReactNative(call, emitter) {
  /** @param {ActionMessage} message */
  const listener = (message) => {
    if (call.instance) {
      receive(call, message);
    } else {
      emitter.removeListener("message", listener);
    }
  };
  emitter.addListener("message", listener);
}

/**
 * @param {CallMachine} call
 * @param {ActionMessage} message
 */
function receive(call, message) {
  if (message.callClientId === call.callClientId && message.action) {
    void dispatch(call, message);
  }
}
