/** @type {{[action: string]: Action}} */
const ACTIONS = { ...CALL_ACTIONS, ...PARTICIPANT_ACTIONS, ...ABSENT_ACTIONS, ...CONSTANT_ACTIONS };

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
    } else {
      console.warn(`${action} was refused. ${error}`);
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
