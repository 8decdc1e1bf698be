"use strict";
/** For `setupFiles` of Vitest and Jest, or imported before daily-js in Node: daily-js then runs in jsdom or happy-dom, against the fake Daily. */

const { installBrowserParts } = require("./dom_polyfills.cjs");
const { interceptCallMachine } = require("./call_machine_interception.cjs");
const { installSocket } = require("./node_web_socket.cjs");

installBrowserParts(globalThis);
interceptCallMachine(globalThis);
installSocket(globalThis);
