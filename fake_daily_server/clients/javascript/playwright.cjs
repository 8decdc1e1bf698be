"use strict";
/** daily-js in a browser under Playwright: the app stays unchanged, and no request leaves the machine. */

const { CALL_MACHINE_ON_CDN, ERROR_REPORTS, callMachine } = require("./call_machine_bundle.cjs");
const { startDaily } = require("./daily.cjs");
const { expectTone } = require("./page_audio.cjs");

/**
 * Chromium switches for unattended media: a simulated microphone and camera without a permission prompt, autoplay
 * without a user gesture, and WebRTC on a machine without a network.
 */
const chromiumArgs = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection",
];

/**
 * Answer daily-js's requests for its call machine, at all URLs of Daily's CDN, with this package's call machine. Error
 * reports of daily-js are intercepted, too.
 *
 * @param {{route(url: RegExp, handler: (route: any) => Promise<void>): Promise<unknown>}} target a page or context
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
 * Fixtures for `test.extend(fixtures)`: `daily`, a fake Daily that is reset after each test; pages whose daily-js loads
 * this package's call machine; and a Chromium with a simulated microphone and camera.
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
