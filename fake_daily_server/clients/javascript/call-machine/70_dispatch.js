/** @type {{[action: string]: Action}} */
const ACTIONS = { ...CALL_ACTIONS, ...PARTICIPANT_ACTIONS, ...UNAVAILABLE_ACTIONS, ...CONSTANT_ACTIONS };

/**
 * Carry out an action of daily-js, and reply if daily-js waits for a reply. The reply to an unknown action is empty.
 *
 * @param {CallMachine} call
 * @param {ActionMessage} message
 */
async function dispatch(call, message) {
  const { action, callbackStamp } = message;
  const mediaAction = call.media.actions[action];
  try {
    const reply = await (mediaAction ? mediaAction(message) : ACTIONS[action]?.(call, message));
    if (callbackStamp) {
      postToDailyJs(call.callClientId, { ...reply, callbackStamp });
    }
  } catch (refused) {
    const error = rejection(action, refused);
    if (callbackStamp) {
      postToDailyJs(call.callClientId, { error, callbackStamp });
    } else {
      console.warn(`${action} was refused. ${error}`);
    }
  }
}

/**
 * The value with which daily-js rejects: the documented error code if there is one, otherwise the explanation.
 *
 * @param {string} action
 * @param {unknown} refused
 * @returns {string}
 */
function rejection(action, refused) {
  const info = /** @type {Partial<Refusal>} */ (refused).info ?? String(refused);
  const code = DOCUMENTED_CODE.exec(info)?.[0];
  if (code) {
    console.warn(`${action} was refused. ${info}`);
  }
  return code ?? info;
}
