"use strict";
/** For `globalTeardown` of Jest: ends what global-setup started. */

module.exports = () => /** @type {any} */ (globalThis)[Symbol.for("daily-telephony-simulator")]?.stop();
