"use strict";
/** Lets an unchanged daily-js load its call machine from the fake Daily, wherever the application would get it from. */

const { fetchText } = require("./http.cjs");

/** Daily's CDN and the two domains that daily-js falls back to. */
const CDN = /^https:\/\/c\.daily(\.co|webrtc\.com|webrtc\.net)\/call-machine\/.*\/call-machine-object-bundle\.js$/;
const BUNDLE = /\/call-machine-object-bundle\.js$/;
/** daily-js reports lost connections there. */
const CRASH_REPORTS = /^https:\/\/[^/]+\.sentry\.io\//;

/** @returns {string} the address of the fake Daily that code under test is pointed at; throws when there is none */
function serverAddress() {
  const apiUrl = process.env.DAILY_API_URL;
  if (!apiUrl) {
    throw new Error(
      "daily-js asked for its call machine, but there is no fake Daily: set DAILY_API_URL, call startDaily() before " +
        "join(), or let daily-telephony-simulator/global-setup start one",
    );
  }
  return new URL(apiUrl).origin;
}

/**
 * @param {string} url
 * @returns {string} where the script is here
 */
function bundleHere(url) {
  return CDN.test(url) ? `${serverAddress()}/static/call-machine-object-bundle.js` : url;
}

/**
 * @param {string} url
 * @returns {Promise<any>} what daily-js reads of a `Response`
 */
async function fetchBundle(url) {
  const { status, text } = await fetchText(bundleHere(url));
  return { ok: status === 200, status, headers: new Map(), text: async () => text };
}

/**
 * Answer requests for the call machine, and swallow crash reports: nothing leaves the machine.
 *
 * @param {any} scope the global object, with or without a `fetch` of its own
 */
function interceptFetch(scope) {
  const original = scope.fetch?.bind(scope);
  /** @param {any} input @param {any} [options] */
  const fetch = (input, options) => {
    const url = String(input?.url ?? input);
    if (CDN.test(url) || BUNDLE.test(url)) {
      return fetchBundle(url);
    }
    if (CRASH_REPORTS.test(url)) {
      return Promise.resolve({ ok: true, status: 200, headers: new Map(), text: async () => "" });
    }
    if (!original) {
      return Promise.reject(new Error(`there is no fetch in this environment for ${url}`));
    }
    return original(input, options);
  };
  // The reporter looks for a fetch that was not replaced, and would find one in an iframe.
  fetch.toString = () => "function fetch() { [native code] }";
  scope.fetch = fetch;
}

/**
 * With `avoidEval` daily-js adds a script element, which test environments do not load.
 *
 * @param {any} scope
 */
function interceptScripts(scope) {
  const head = scope.document.head;
  const original = head.appendChild.bind(head);
  /** @param {any} element */
  head.appendChild = (element) => {
    if (element.tagName !== "SCRIPT" || !BUNDLE.test(element.src)) {
      return original(element);
    }
    fetchBundle(element.src).then(
      async (response) => {
        if (!response.ok) {
          throw new Error(`answered with ${response.status}`);
        }
        (0, eval)(await response.text());
        element.onload?.();
      },
    ).catch((error) => element.onerror?.({ target: element, message: String(error) }));
    return element;
  };
}

/** @param {any} scope the global object of a test environment with a DOM */
function interceptCallMachine(scope) {
  interceptFetch(scope);
  interceptScripts(scope);
}

module.exports = { interceptCallMachine };
