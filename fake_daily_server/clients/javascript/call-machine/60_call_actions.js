/** The error codes that Daily documents for refused dial-outs, with which the server's explanation begins. */
const DOCUMENTED_CODE = /^(NOT_ALLOWED|DIALOUT_IN_PROGRESS|TEMPORARILY_NOT_AVAILABLE)\b/;

/** The provider that daily-js adds to the options of a dial-out. */
const DEFAULT_PROVIDER = "signalwire";

/** @typedef {(call: CallMachine, message: ActionMessage) => any} Action returns the reply, undefined if empty */

/** Actions for joining, leaving and telephony, by daily-js's action names. @type {{[action: string]: Action}} */
const CALL_ACTIONS = {
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
 * @returns {Fields} the options that the app passed
 */
function optionsOf(message) {
  const { what, from, action, callClientId, callbackStamp, ...options } = message;
  return options;
}

/**
 * The options of a dial-out. daily-js adds its own default provider to options without one, even for phone numbers.
 * The server's setting `provider` decides then: Daily's pages show `daily`.
 *
 * @param {ActionMessage} message
 * @returns {Fields}
 */
function dialOutOptions(message) {
  const { provider, ...options } = optionsOf(message);
  return options.phoneNumber || provider === DEFAULT_PROVIDER ? options : { ...options, provider };
}
