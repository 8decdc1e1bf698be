"use strict";
/** Notices a test environment with a DOM in which daily-js cannot run, since `setup` of this package was not loaded. */

const LOADED = Symbol.for("daily-telephony-simulator.setup");

/** Remember that `setup` has been loaded. @param {any} scope the global object of a test environment */
function markSetup(scope) {
  scope[LOADED] = true;
}

/**
 * Throw an Error that names the missing configuration if `scope` has a DOM, as jsdom and happy-dom provide it, and `setup`
 * was not loaded. Without a DOM, as in a global set-up or in a test with Playwright, nothing is missing.
 *
 * @param {any} scope the global object
 */
function checkSetup(scope) {
  if (scope.window && scope.document && !scope[LOADED]) {
    throw new Error(
      "daily-js cannot run in this test environment, since daily-telephony-simulator has not prepared it. Vitest: add " +
        '`plugins: [dailyTelephony()]` to the configuration, with `import dailyTelephony from "daily-telephony-simulator/vitest"`. ' +
        'Jest: add `setupFiles: ["daily-telephony-simulator/setup"]`. Otherwise: import "daily-telephony-simulator/setup" ' +
        "before daily-js",
    );
  }
}

module.exports = { checkSetup, markSetup };
