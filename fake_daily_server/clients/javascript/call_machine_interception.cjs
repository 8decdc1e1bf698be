"use strict";
/** Serves this package's call machine to unmodified daily-js, whichever URL it is loaded from. */

const { CALL_MACHINE_ON_CDN, ERROR_REPORTS, callMachine } = require("./call_machine_bundle.cjs");
const { fetchText } = require("./http.cjs");

const CALL_MACHINE = /\/call-machine-object-bundle\.js$/;

/**
 * @param {string} url the URL of a call machine: on Daily's CDN, or below `bundlePathOverride`
 * @returns {Promise<any>} the parts of a `Response` that daily-js reads
 */
async function fetchCallMachine(url) {
  if (CALL_MACHINE_ON_CDN.test(url)) {
    return response(200, callMachine());
  }
  const { status, text } = await fetchText(url);
  return response(status, text);
}

/** @param {number} status @param {string} text */
function response(status, text) {
  return { ok: status === 200, status, headers: new Map(), text: async () => text };
}

/**
 * Answer requests for the call machine and error reports locally, so that none leaves the machine.
 *
 * @param {any} scope the global object, which may lack `fetch`
 */
function interceptFetch(scope) {
  const original = scope.fetch?.bind(scope);
  /** @param {any} input @param {any} [options] */
  const fetch = async (input, options) => {
    const url = String(input?.url ?? input);
    if (CALL_MACHINE.test(url)) {
      return fetchCallMachine(url);
    }
    if (ERROR_REPORTS.test(url)) {
      return response(200, "{}");
    }
    if (!original) {
      throw new TypeError(`this environment has no fetch, which the request for ${url} needs; add a polyfill`);
    }
    return original(input, options);
  };
  // daily-js's reporter takes a native fetch from an iframe if this one does not look native.
  fetch.toString = () => "function fetch() { [native code] }";
  fetch.interceptsErrorReports = true;
  scope.fetch = fetch;
}

/**
 * Run the call machine when daily-js adds a script element for it (`avoidEval`), which test environments would ignore.
 *
 * @param {any} scope
 */
function interceptScripts(scope) {
  const { head } = scope.document;
  const original = head.appendChild.bind(head);
  /** @param {any} element */
  head.appendChild = (element) => {
    if (element.tagName !== "SCRIPT" || !CALL_MACHINE.test(element.src)) {
      return original(element);
    }
    void runScript(element);
    return element;
  };
}

/** @param {any} element */
async function runScript(element) {
  try {
    const { ok, status, text } = await fetchCallMachine(element.src);
    if (!ok) {
      throw new Error(`Received ${status} response`);
    }
    (0, eval)(await text());
  } catch (error) {
    element.onerror?.({ target: element, message: String(error) });
    return;
  }
  element.onload?.();
}

/** @param {any} scope the global object of a test environment with a DOM */
function interceptCallMachine(scope) {
  interceptFetch(scope);
  interceptScripts(scope);
}

module.exports = { interceptCallMachine };
