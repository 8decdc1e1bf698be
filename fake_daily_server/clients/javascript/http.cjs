"use strict";
/** JSON over HTTP with Node's client: in test environments, `fetch` is missing or applies a browser's rules. */

const http = require("node:http");

/** The fake Daily responded with a status other than 2xx; `body` is `{error, info}`. */
class DailyHttpError extends Error {
  /**
   * @param {string} request
   * @param {number} status
   * @param {any} body
   */
  constructor(request, status, body) {
    super(body?.info ?? `${request} was answered with ${status}: ${JSON.stringify(body)}`);
    this.name = "DailyHttpError";
    this.status = status;
    this.body = body;
  }
}

/** A wait has failed; the message says what was expected, what came nearest, and why. */
class ExpectationFailed extends DailyHttpError {
  /**
   * @param {string} request
   * @param {number} status
   * @param {any} body
   */
  constructor(request, status, body) {
    super(request, status, body);
    this.name = "ExpectationFailed";
  }
}

/**
 * @param {string} url
 * @param {{method?: string, body?: unknown, headers?: {[name: string]: string}, signal?: AbortSignal}} [options]
 * @returns {Promise<{status: number, text: string, headers: http.IncomingHttpHeaders}>}
 */
function fetchText(url, { method = "GET", body, headers = {}, signal } = {}) {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const type = payload === undefined ? {} : { "content-type": "application/json" };
    // No agent: the server may close a kept-alive connection at the moment of its reuse.
    const options = { method, headers: { ...type, ...headers }, agent: false, signal };
    const request = http.request(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
      response.on("error", reject);
    });
    request.on("error", (cause) => {
      reject(
        new Error(`no fake Daily answers at ${new URL(url).origin} (${cause.message}); is it running?`, { cause }),
      );
    });
    request.end(payload);
  });
}

/**
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body]
 * @param {{[name: string]: string}} [headers]
 * @returns {Promise<any>} the parsed response body; rejects with DailyHttpError, or ExpectationFailed, if the status is not 2xx
 */
async function fetchJson(method, url, body, headers) {
  const { status, text } = await fetchText(url, { method, body, headers });
  const answer = text ? parsed(text) : null;
  if (status < 200 || status > 299) {
    const Refusal = answer?.error === "expectation-failed" ? ExpectationFailed : DailyHttpError;
    throw new Refusal(`${method} ${url}`, status, answer);
  }
  return answer;
}

/** @param {string} text @returns {any} the parsed JSON, or the text itself if another server sent no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

module.exports = { DailyHttpError, ExpectationFailed, fetchJson, fetchText };
