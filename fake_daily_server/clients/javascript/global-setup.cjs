"use strict";
/**
 * For `globalSetup` of Vitest and Jest: start one fake Daily for all test files, and name it in DAILY_API_URL and
 * DAILY_API_KEY; one that these name already is used instead. Vitest stops it through the returned function, Jest
 * through `globalTeardown: "daily-telephony-simulator/global-teardown"`.
 */

const { startDaily } = require("./daily.cjs");

const RUNNING = Symbol.for("daily-telephony-simulator");

module.exports = async () => {
  const daily = await startDaily();
  /** @type {any} */ (globalThis)[RUNNING] = daily;
  return () => daily.stop();
};
