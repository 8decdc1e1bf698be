"use strict";
/** The call machine as one script, as the server serves it, for environments that intercept daily-js's request. */

const { readFileSync, readdirSync } = require("node:fs");
const path = require("node:path");

/** The URLs of the call machine on Daily's CDN and on the two domains that daily-js falls back to. */
const CALL_MACHINE_ON_CDN =
  /^https:\/\/c\.(daily\.co|dailywebrtc\.com|dailywebrtc\.net)\/call-machine\/versioned\/[^/]+\/static\/call-machine-object-bundle\.js$/;

/** The URLs to which daily-js sends reports of fatal errors. */
const ERROR_REPORTS = /^https:\/\/[^/]+\.ingest\.sentry\.io\//;

/** @returns {string} the call machine as one script */
function callMachine() {
  const folder = path.join(__dirname, "call-machine");
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .sort();
  const parts = files.map((name) => readFileSync(path.join(folder, name), "utf8"));
  return ["(() => {", '"use strict";', ...parts, "})();\n"].join("\n");
}

module.exports = { CALL_MACHINE_ON_CDN, ERROR_REPORTS, callMachine };
