/** daily-js reports fatal errors to its makers; those of a test are nobody's business, and nothing leaves this machine. */
const ERROR_REPORTS = /^https:\/\/[^/]+\.ingest\.sentry\.io\//;

/** Swallow the reports of this page; once, however many call objects it has. */
function keepErrorReportsHere() {
  const original = /** @type {any} */ (globalThis).fetch;
  if (!original || original.keepsErrorReportsHere) {
    return;
  }
  /** @param {any} input @param {any} [options] */
  const fetch = (input, options) =>
    ERROR_REPORTS.test(String(input?.url ?? input))
      ? Promise.resolve(new Response("{}"))
      : original.call(globalThis, input, options);
  // The reporter mistrusts a fetch that was replaced, and would take one from an iframe.
  fetch.toString = () => "function fetch() { [native code] }";
  fetch.keepsErrorReportsHere = true;
  globalThis.fetch = fetch;
}
