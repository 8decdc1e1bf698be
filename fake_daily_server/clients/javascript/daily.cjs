"use strict";
/** A handle of the fake Daily for tests: rooms through the REST API, phones through the control API `/_sim`. */

const { fetchJson } = require("./http.cjs");
const { checkOptions } = require("./option_checks.cjs");
const { Phone } = require("./phone.cjs");
const { startServer } = require("./server.cjs");
const { checkSetup } = require("./setup_check.cjs");

/** A room of the fake Daily. */
class Room {
  /** @param {Daily} daily @param {any} created the response of the REST API */
  constructor(daily, created) {
    this.daily = daily;
    /** @type {string} */
    this.name = created.name;
    /** @type {string} */
    this.url = created.url;
    /** @type {{[property: string]: any}} */
    this.config = created.config;
  }

  /**
   * Create a meeting token for the room.
   *
   * @param {{[property: string]: any}} [properties] Daily's token properties: `is_owner`, `user_name`, `exp`, …
   * @returns {Promise<string>}
   */
  async token(properties = {}) {
    const { token } = await this.daily.rest("POST", "/meeting-tokens", {
      properties: { room_name: this.name, ...properties },
    });
    return token;
  }

  /** Create an owner's meeting token for the room. @returns {Promise<string>} */
  ownerToken() {
    return this.token({ is_owner: true });
  }
}

/** A running fake Daily. */
class Daily {
  /** @param {string} apiUrl @param {string} apiKey @param {() => Promise<void>} end */
  constructor(apiUrl, apiKey, end) {
    this.apiUrl = apiUrl;
    this.apiKey = apiKey;
    this.end = end;
    const { origin } = new URL(apiUrl);
    /** The URL for `dailyConfig.bundlePathOverride`. */
    this.callMachineUrl = `${origin}/static`;
    this.controlUrl = `${origin}/_sim`;
  }

  /**
   * Call Daily's REST API.
   *
   * @param {string} method
   * @param {string} path below `/v1`
   * @param {unknown} [body]
   * @returns {Promise<any>} rejects with DailyHttpError
   */
  rest(method, path, body) {
    return fetchJson(method, this.apiUrl + path, body, { authorization: `Bearer ${this.apiKey}` });
  }

  /**
   * Call the control API, which has functions that the real Daily lacks.
   *
   * @param {string} method
   * @param {string} path below `/_sim`; described in `/_sim/openapi.json`
   * @param {unknown} [body]
   * @returns {Promise<any>} rejects with DailyHttpError
   */
  control(method, path, body) {
    return fetchJson(method, this.controlUrl + path, body);
  }

  /**
   * Create a room.
   *
   * @param {{[property: string]: any}} [properties] Daily's room properties: `enable_dialout`, `sip`, `exp`, …
   * @param {{name?: string, privacy?: "public" | "private"}} [room]
   * @returns {Promise<Room>} rejects with DailyHttpError, unlike the REST API also for a property that Daily does not
   *   document
   */
  async createRoom(properties = {}, room = {}) {
    const { name, privacy } = checkOptions("createRoom", room, ["name", "privacy"]);
    return new Room(this, await this.control("POST", "/rooms", { name, privacy, properties }));
  }

  /**
   * Add a phone to the simulated network.
   *
   * @param {string | null} [number] in E.164; without a number, the phone only has a SIP URI
   * @param {{[field: string]: any}} [behaviour] `calls` says how it takes each: "busy", {ring_ms, then: "answer"}, …
   * @returns {Promise<Phone>}
   */
  async phone(number = null, behaviour = {}) {
    const created = await this.control("POST", "/phones", { ...(number === null ? {} : { number }), ...behaviour });
    return new Phone(this, created);
  }

  /**
   * Make the carrier refuse calls to a number with a SIP status until `restore`.
   *
   * @param {string} number
   * @param {{status?: number, reason?: string}} [answer] the response; 503 Service Unavailable by default
   */
  async refuse(number, answer = {}) {
    await this.control("POST", "/carrier/refuse", { number, ...answer });
  }

  /** Make the carrier accept calls to a number again. @param {string} number */
  async restore(number) {
    await this.control("DELETE", `/carrier/refuse/${encodeURIComponent(number)}`);
  }

  /**
   * Break the connection of a client, as a network failure does. The client can reconnect after `downMs`.
   *
   * @param {string | {participants(): any}} client a session id, or a call object
   * @param {number} [downMs] in ms
   */
  async cutNetwork(client, downMs = 0) {
    const sessionId = typeof client === "string" ? client : client.participants().local.session_id;
    await this.control("POST", `/clients/${sessionId}/network`, { down_ms: downMs });
  }

  /**
   * Remove all rooms, phones and calls.
   *
   * @param {{[name: string]: any}} [settings] settings that differ from those of the server's start until the next reset
   */
  async reset(settings = {}) {
    await this.control("POST", "/reset", { settings });
  }

  /** Stop the server if `startDaily` started it. */
  async stop() {
    await this.end();
  }
}

/**
 * Use the fake Daily that DAILY_API_URL and DAILY_API_KEY name, or start one on free ports and set the variables to it
 * until `stop()`, for the code under test. The real Daily is never used, even if the variables name it.
 *
 * @param {{python?: string, args?: string[], settings?: {[name: string]: any}}} [options] a Python that has the simulator
 *   installed, options of `python -m fake_daily_server`, and settings by name; with settings a server is always started
 * @returns {Promise<Daily>} rejects in jsdom and happy-dom if `setup` of this package was not loaded
 */
async function startDaily(options) {
  checkSetup(globalThis);
  const { settings } = checkOptions("startDaily", options, ["python", "args", "settings"]);
  const { DAILY_API_URL, DAILY_API_KEY } = process.env;
  const named = DAILY_API_URL && DAILY_API_KEY && !/(^|\.)daily\.co$/.test(new URL(DAILY_API_URL).hostname);
  if (named && settings === undefined) {
    return new Daily(DAILY_API_URL.replace(/\/$/, ""), DAILY_API_KEY, async () => {});
  }
  const server = await startServer(options);
  setEnvironment({ DAILY_API_URL: server.apiUrl, DAILY_API_KEY: server.apiKey });
  return new Daily(server.apiUrl, server.apiKey, async () => {
    setEnvironment({ DAILY_API_URL, DAILY_API_KEY });
    await server.stop();
  });
}

/** @param {{[name: string]: string | undefined}} variables values by name; undefined removes a variable */
function setEnvironment(variables) {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = value;
    }
  }
}

module.exports = { Daily, Room, startDaily };
