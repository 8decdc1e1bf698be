"use strict";
/**
 * Starts one fake Daily for all test files and sets DAILY_API_URL and DAILY_API_KEY to it, or uses the one that they
 * name. For `globalSetup` of Vitest and Jest. Vitest stops the server through the returned function, Jest through
 * `globalTeardown: "daily-telephony-simulator/global-teardown"`.
 */

const { startDaily } = require("./daily.cjs");

const RUNNING = Symbol.for("daily-telephony-simulator");

module.exports = async () => {
  const daily = await startDaily();
  /** @type {any} */ (globalThis)[RUNNING] = daily;
  return () => daily.stop();
};
