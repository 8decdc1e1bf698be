"use strict";
/**
 * Makes daily-js run in jsdom or happy-dom, with this package's call machine. For `setupFiles` of Vitest and Jest, or
 * for an import before daily-js in Node.
 */

const { installDomPolyfills } = require("./dom_polyfills.cjs");
const { interceptCallMachine } = require("./call_machine_interception.cjs");
const { installWebSocket } = require("./node_web_socket.cjs");
const { markSetup } = require("./setup_check.cjs");

installDomPolyfills(globalThis);
interceptCallMachine(globalThis);
installWebSocket(globalThis);
markSetup(globalThis);
