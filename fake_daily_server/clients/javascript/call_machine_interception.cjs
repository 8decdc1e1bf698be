"use strict";
/** Lets an unchanged daily-js have its call machine from this package, wherever the application gets it from. */

const { CALL_MACHINE_ON_CDN, ERROR_REPORTS, callMachine } = require("./call_machine_bundle.cjs");
const { fetchText } = require("./http.cjs");

const CALL_MACHINE = /\/call-machine-object-bundle\.js$/;

/**
 * @param {string} url of a call machine: Daily's, or that of `bundlePathOverride`
 * @returns {Promise<any>} what daily-js reads of a `Response`
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
 * Answer requests for the call machine, and keep error reports here: nothing leaves the machine.
 *
 * @param {any} scope the global object, with or without a `fetch` of its own
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
      throw new TypeError(`this environment has no fetch, which ${url} needs`);
    }
    return original(input, options);
  };
  // The reporter mistrusts a fetch that was replaced, and would take one from an iframe.
  fetch.toString = () => "function fetch() { [native code] }";
  fetch.keepsErrorReportsHere = true;
  scope.fetch = fetch;
}

/**
 * With `avoidEval` daily-js adds a script element, which test environments do not load.
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
