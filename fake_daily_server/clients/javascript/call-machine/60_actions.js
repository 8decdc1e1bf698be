/** Codes that Daily documents for refused dial-outs; the server's explanation begins with one of them. */
const DOCUMENTED_CODE = /^(NOT_ALLOWED|DIALOUT_IN_PROGRESS|TEMPORARILY_NOT_AVAILABLE)\b/;

/** @typedef {(call: CallMachine, message: ActionMessage) => any} Action what it returns is the reply, `{}` for nothing */

/** What daily-js asks for, by its names. @type {{[action: string]: Action}} */
const ACTIONS = {
  "join-meeting": (call, { properties, preloadCache }) => call.join(properties, preloadCache),
  "leave-meeting": (call) => call.leave(),

  "dialout-start": (call, message) => call.request("startDialOut", dialOutOptions(message)),
  "dialout-stop": (call, message) => call.request("stopDialOut", optionsOf(message)),
  "send-dtmf": (call, message) => call.request("sendDTMF", optionsOf(message)),
  "sip-call-transfer": (call, message) => {
    const { useSipRefer, ...options } = optionsOf(message);
    return call.request(useSipRefer ? "sipRefer" : "sipCallTransfer", options);
  },
};

/**
 * @param {ActionMessage} message
 * @returns {Fields} what the app gave
 */
function optionsOf(message) {
  const { what, from, action, callClientId, callbackStamp, ...options } = message;
  return options;
}

/**
 * daily-js fills in a provider, also for phone numbers, to which none belongs.
 *
 * @param {ActionMessage} message
 * @returns {Fields}
 */
function dialOutOptions(message) {
  const { provider, ...options } = optionsOf(message);
  return options.phoneNumber ? options : { ...options, provider };
}

/**
 * Carry out what daily-js asks for and reply when it awaits that. An action that means nothing here is answered with `{}`.
 *
 * @param {CallMachine} call
 * @param {ActionMessage} message
 */
async function act(call, message) {
  const { action, callbackStamp } = message;
  const own = call.media.actions[action];
  try {
    const reply = await (own ? own(message) : ACTIONS[action]?.(call, message));
    if (callbackStamp) {
      postToDailyJs(call.callClientId, { ...reply, callbackStamp });
    }
  } catch (refused) {
    const error = reason(action, refused);
    if (callbackStamp) {
      postToDailyJs(call.callClientId, { error, callbackStamp });
    }
  }
}

/**
 * What daily-js rejects with, as it is: the documented code where there is one, or else the explanation.
 *
 * @param {string} action
 * @param {unknown} refused
 * @returns {string}
 */
function reason(action, refused) {
  const info = /** @type {Partial<Refusal>} */ (refused).info ?? String(refused);
  const code = DOCUMENTED_CODE.exec(info)?.[0];
  if (code) {
    console.warn(`${action} was refused. ${info}`);
  }
  return code ?? info;
}
