"use strict";
/** Stops the fake Daily that global-setup started; for `globalTeardown` of Jest. */

module.exports = () => /** @type {any} */ (globalThis)[Symbol.for("daily-telephony-simulator")]?.stop();
