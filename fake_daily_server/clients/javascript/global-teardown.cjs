"use strict";
/** For `globalTeardown` of Jest: stop the fake Daily that global-setup started. */

module.exports = () => /** @type {any} */ (globalThis)[Symbol.for("daily-telephony-simulator")]?.stop();
