/** The URLs to which daily-js sends reports of fatal errors. Reports of tests must not leave this machine. */
const ERROR_REPORTS = /^https:\/\/[^/]+\.ingest\.sentry\.io\//;

/** Answer this page's error reports locally. Does nothing if they are already intercepted. */
function interceptErrorReports() {
  const original = /** @type {any} */ (globalThis).fetch;
  if (!original || original.interceptsErrorReports) {
    return;
  }
  /** @param {any} input @param {any} [options] */
  const fetch = (input, options) =>
    ERROR_REPORTS.test(String(input?.url ?? input))
      ? Promise.resolve(new Response("{}"))
      : original.call(globalThis, input, options);
  // daily-js's reporter takes a native fetch from an iframe if this one does not look native.
  fetch.toString = () => "function fetch() { [native code] }";
  fetch.interceptsErrorReports = true;
  globalThis.fetch = fetch;
}
