"use strict";
/**
 * For `globalSetup` of Vitest and Jest: one fake Daily for all test files, in DAILY_API_URL and DAILY_API_KEY. One that is
 * named there already is used instead. Vitest ends it itself; Jest needs `globalTeardown: "daily-telephony-simulator/global-teardown"`.
 */

const { startDaily } = require("./daily.cjs");

const RUNNING = Symbol.for("daily-telephony-simulator");

module.exports = async () => {
  const daily = await startDaily();
  /** @type {any} */ (globalThis)[RUNNING] = daily;
  return () => daily.stop();
};
