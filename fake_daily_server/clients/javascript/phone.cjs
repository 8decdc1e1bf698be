"use strict";
/** A simulated phone and its calls, over the control API. Field names of what is read are those of that API. */

/** How long a wait lasts when nothing else is said. */
const WITHIN_MS = 5000;

/** @typedef {import("./daily.cjs").Daily} Daily */

/** One call of a phone. What it was when it was last read is in `state`, `digits`, `headers`, …; `read()` reads it anew. */
class PhoneCall {
  /** @param {Phone} phone @param {any} facts */
  constructor(phone, facts) {
    this.phone = phone;
    /** @type {string} */
    this.sipCallId = facts.sip_call_id;
    this.facts = facts;
  }

  /** Digits heard so far. @returns {string} */
  get digits() {
    return this.facts.digits;
  }

  /** The caller, or who was called. @returns {string} */
  get remote() {
    return this.facts.remote;
  }

  /** The X- headers of the INVITE. @returns {{[name: string]: string}} */
  get headers() {
    return this.facts.headers;
  }

  /** `dialing`, `ringing`, `answered`, `ended`, … @returns {string} */
  get state() {
    return this.facts.state;
  }

  /** @returns {Promise<this>} as it is now */
  async read() {
    const { calls } = await this.phone.read();
    this.facts = calls.find((/** @type {any} */ call) => call.sip_call_id === this.sipCallId) ?? this.facts;
    return this;
  }

  answer() {
    return this.act("answer");
  }

  ring() {
    return this.act("ring");
  }

  hangUp() {
    return this.act("hangup");
  }

  hold() {
    return this.act("hold");
  }

  resume() {
    return this.act("resume");
  }

  /** @param {number} [status] @param {string} [reason] */
  reject(status, reason) {
    return this.act("reject", { status, reason });
  }

  /**
   * @param {string} tones 0-9 A-D * # and `,` for a pause of a second
   * @param {{method?: "auto" | "telephone-event" | "sip-info" | "inband", durationMs?: number, gapMs?: number}} [how]
   */
  press(tones, { method, durationMs, gapMs } = {}) {
    return this.act("press", { tones, method, duration_ms: durationMs, gap_ms: gapMs });
  }

  /**
   * Wait until exactly these digits have been heard, since the call began.
   *
   * @param {string} digits
   * @param {{method?: "telephone-event" | "sip-info" | "inband", within?: number}} [how] `within` in ms
   */
  expectDigits(digits, { method, within = WITHIN_MS } = {}) {
    return this.phone.until(
      async () => {
        const { heard } = (await this.read()).facts;
        const mine = heard.filter((/** @type {any} */ key) => method === undefined || key.method === method);
        return mine.map((/** @type {any} */ key) => key.digit).join("") === digits;
      },
      within,
      () => `digits ${digits}${method ? ` by ${method}` : ""}`,
      () => `heard ${this.facts.heard.map((/** @type {any} */ key) => `${key.digit} (${key.method})`).join(" ") || "none"}`,
    );
  }

  /**
   * Wait until the call is answered, by either side.
   *
   * @param {{within?: number}} [how] in ms
   */
  expectAnswer({ within = WITHIN_MS } = {}) {
    return this.phone.until(
      async () => (await this.read()).state === "answered",
      within,
      () => "an answer",
      () => `the call is ${this.state}`,
    );
  }

  /**
   * Wait until the call is over.
   *
   * @param {{within?: number}} [how] in ms
   */
  async expectEnd({ within = WITHIN_MS } = {}) {
    await this.phone.until(
      async () => (await this.read()).state === "ended",
      within,
      () => "the end of the call",
      () => `the call is ${this.state}`,
    );
    return this.facts.ended;
  }

  /** @param {string} verb @param {{[field: string]: unknown}} [body] */
  async act(verb, body = {}) {
    this.facts = await this.phone.daily.control("POST", `/phones/${this.phone.id}/${verb}`, {
      sip_call_id: this.sipCallId,
      ...body,
    });
    return this;
  }
}

/** A phone of the simulated network. */
class Phone {
  /** @param {Daily} daily @param {any} made */
  constructor(daily, made) {
    this.daily = daily;
    /** @type {string} */
    this.id = made.id;
    /** @type {string} */
    this.number = made.number;
    /** @type {string} */
    this.uri = made.uri;
    this.handedOut = 0;
  }

  /** @returns {Promise<any>} its calls and the digits it heard */
  read() {
    return this.daily.control("GET", `/phones/${this.id}`);
  }

  /**
   * Its next call; each is handed out once, refused ones included.
   *
   * @param {{within?: number}} [how] in ms
   * @returns {Promise<PhoneCall>}
   */
  async call({ within = WITHIN_MS } = {}) {
    /** @type {any[]} */
    let calls = [];
    await this.until(
      async () => {
        ({ calls } = await this.read());
        return calls.length > this.handedOut;
      },
      within,
      () => `a call to ${this.number ?? this.uri}`,
      () => `it has had ${calls.length}, and handed them all out`,
    );
    return new PhoneCall(this, calls[this.handedOut++]);
  }

  /**
   * @param {string} to a number or a SIP URI
   * @param {{headers?: {[name: string]: string}, displayName?: string}} [how] header fields of the INVITE
   * @returns {Promise<PhoneCall>}
   */
  async dial(to, { headers, displayName } = {}) {
    const facts = await this.daily.control("POST", `/phones/${this.id}/dial`, { to, headers, display_name: displayName });
    this.handedOut++;
    return new PhoneCall(this, facts);
  }

  /** Take it out of the network. */
  async remove() {
    await this.daily.control("DELETE", `/phones/${this.id}`);
  }

  /**
   * Look again after each thing that happens on the server, so that nothing is missed and nothing is slept for.
   *
   * @param {() => Promise<boolean>} isSo
   * @param {number} within ms
   * @param {() => string} wanted
   * @param {() => string} instead
   */
  async until(isSo, within, wanted, instead) {
    const deadline = Date.now() + within;
    let { last } = await this.happenings(0, 0);
    while (!(await isSo())) {
      const left = deadline - Date.now();
      if (left <= 0) {
        throw new Error(`Expected  ${wanted()}  within ${within / 1000} s\nInstead   ${instead()}\nPhone     ${this.number ?? this.uri}`);
      }
      ({ last } = await this.happenings(last, left));
    }
  }

  /** @param {number} after @param {number} waitMs */
  async happenings(after, waitMs) {
    const { records } = await this.daily.control("GET", `/timeline?after=${after}&wait_ms=${Math.min(Math.ceil(waitMs), 60_000)}`);
    return { last: records.at(-1)?.seq ?? after };
  }
}

module.exports = { Phone, PhoneCall, WITHIN_MS };
