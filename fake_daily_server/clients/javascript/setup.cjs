"use strict";
/** For `setupFiles` of Vitest and Jest, or imported before daily-js in Node: daily-js then runs in jsdom or happy-dom, against the fake Daily. */

const { installBrowserParts } = require("./browser_parts.cjs");
const { interceptCallMachine } = require("./interception.cjs");
const { installSocket } = require("./socket.cjs");

installBrowserParts(globalThis);
interceptCallMachine(globalThis);
installSocket(globalThis);
