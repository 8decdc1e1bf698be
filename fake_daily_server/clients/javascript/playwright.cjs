"use strict";
/** daily-js in a browser that Playwright drives: no change of the app, and nothing leaves the machine. */

const { CALL_MACHINE_ON_CDN, ERROR_REPORTS, callMachine } = require("./call_machine_bundle.cjs");
const { startDaily } = require("./daily.cjs");
const { expectTone } = require("./page_audio.cjs");

/**
 * Switches of Chromium for sound without a person: a microphone and a camera that are made up, allowed without being
 * asked for; elements that play without a click; and WebRTC also on a machine that has no network.
 */
const chromiumArgs = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection",
];

/**
 * Let daily-js get its call machine from this package, at whichever of its addresses it asks. What it reports to Daily
 * about fatal errors is answered here too.
 *
 * @param {{route(url: RegExp, handler: (route: any) => Promise<void>): Promise<unknown>}} target a page or a context
 * @returns {Promise<void>}
 */
async function serveCallMachine(target) {
  const body = callMachine();
  const headers = { "access-control-allow-origin": "*" };
  await target.route(CALL_MACHINE_ON_CDN, (route) =>
    route.fulfill({ contentType: "text/javascript; charset=utf-8", headers, body }),
  );
  await target.route(ERROR_REPORTS, (route) => route.fulfill({ contentType: "application/json", headers, body: "{}" }));
}

/**
 * For `test.extend(fixtures)`: `daily`, which is as new for each test; pages whose daily-js finds its call machine; and a
 * Chromium that has sound.
 */
const fixtures = {
  fakeDaily: [
    async ({}, /** @type {Use} */ use) => {
      const daily = await startDaily();
      await use(daily);
      await daily.stop();
    },
    { scope: "worker" },
  ],
  daily: async (/** @type {any} */ { fakeDaily }, /** @type {Use} */ use) => {
    await use(fakeDaily);
    await fakeDaily.reset();
  },
  context: async (/** @type {any} */ { context }, /** @type {Use} */ use) => {
    await serveCallMachine(context);
    await use(context);
  },
  launchOptions: [
    async (/** @type {any} */ { launchOptions, browserName }, /** @type {Use} */ use) => {
      const more = browserName === "chromium" ? chromiumArgs : [];
      await use({ ...launchOptions, args: [...more, ...(launchOptions.args ?? [])] });
    },
    { scope: "worker" },
  ],
};

/** @typedef {(value: any) => Promise<void>} Use */

module.exports = { chromiumArgs, expectTone, fixtures, serveCallMachine };
