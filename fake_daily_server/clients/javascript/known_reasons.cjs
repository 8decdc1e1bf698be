"use strict";
/** Why events have not come, as far as the fake Daily knows that DAILY_API_URL names. */

const { fetchText } = require("./http.cjs");

/** How long a failed wait is held up at most to learn the reason. */
const WITHIN_MS = 2000;

/**
 * Ask the server why an event is missing in the room of a call object.
 *
 * @param {any} call a call object of daily-js; one that is in no room is taken for one in any room
 * @param {string} name
 * @returns {Promise<string | null>} null if there is no reason, or no fake Daily is named
 */
async function whyMissing(call, name) {
  const { DAILY_API_URL, DAILY_API_KEY } = process.env;
  if (!DAILY_API_URL || /(^|\.)daily\.co$/.test(new URL(DAILY_API_URL).hostname)) {
    return null;
  }
  const client = sessionIdOf(call);
  const query = new URLSearchParams(client ? { event: name, client } : { event: name });
  /** @type {{[name: string]: string}} */
  const headers = DAILY_API_KEY ? { authorization: `Bearer ${DAILY_API_KEY}` } : {};
  const signal = AbortSignal.timeout(WITHIN_MS);
  try {
    const url = `${new URL(DAILY_API_URL).origin}/_sim/why-missing?${query}`;
    const { status, text } = await fetchText(url, { headers, signal });
    return status === 200 ? JSON.parse(text).because : null;
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}

/** @param {any} call @returns {string | undefined} */
function sessionIdOf(call) {
  const everybody = typeof call.participants === "function" ? call.participants() : undefined;
  return everybody?.local?.session_id;
}

module.exports = { whyMissing };
