"use strict";
/**
 * For `setupFiles` of Vitest and Jest, or imported before daily-js in Node: daily-js then runs in jsdom or happy-dom,
 * with the call machine of this package.
 */

const { installDomPolyfills } = require("./dom_polyfills.cjs");
const { interceptCallMachine } = require("./call_machine_interception.cjs");
const { installWebSocket } = require("./node_web_socket.cjs");

installDomPolyfills(globalThis);
interceptCallMachine(globalThis);
installWebSocket(globalThis);
