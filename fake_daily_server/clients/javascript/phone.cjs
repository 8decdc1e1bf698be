"use strict";
/** A simulated phone and its calls, controlled through the control API. */

const { checkOptions } = require("./option_checks.cjs");

/** @typedef {import("./daily.cjs").Daily} Daily */
/** @typedef {{within?: number}} Wait the timeout in ms; 5000 by default, 60000 at most */

/** One call of a phone. `state`, `digits`, `headers`, … have the values of the last verb; `read()` updates them. */
class PhoneCall {
  /** @param {Phone} phone @param {any} facts */
  constructor(phone, facts) {
    this.phone = phone;
    /** @type {string} */
    this.sipCallId = facts.sip_call_id;
    /** The description of the call in the control API's format. */
    this.facts = facts;
  }

  /** The state of the call: `dialling`, `incoming`, `ringing`, `early`, `answered` or `ended`. @returns {string} */
  get state() {
    return this.facts.state;
  }

  /** The number or SIP URI of the far end. @returns {string} */
  get remote() {
    return this.facts.remote;
  }

  /** The X- header fields of the INVITE. @returns {{[name: string]: string}} */
  get headers() {
    return this.facts.headers;
  }

  /** The digits received so far. @returns {string} */
  get digits() {
    return this.facts.digits;
  }

  /** How the call ended; null before its end. @returns {{status: number, reason: string, by: string} | null} */
  get ended() {
    return this.facts.ended;
  }

  /** Update all properties of the call. @returns {Promise<this>} */
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

  /** Refuse the call. @param {number} [status] the SIP status, 486 by default @param {string} [reason] */
  reject(status, reason) {
    return this.act("reject", { status, reason });
  }

  hangUp() {
    return this.act("hangup");
  }

  /** @param {{music?: boolean}} [options] */
  hold(options = {}) {
    const { music = false } = checkOptions("hold", options, ["music"]);
    return this.act("hold", { music });
  }

  resume() {
    return this.act("resume");
  }

  /** Ask the far end, with a REFER, to call `to`. @param {string} to a number or a SIP URI */
  transfer(to) {
    return this.act("transfer", { to });
  }

  /**
   * Send DTMF digits.
   *
   * @param {string} tones 0-9 A-D * # and `,` for a pause of 1 s
   * @param {{method?: "auto" | "telephone-event" | "sip-info" | "in-band", durationMs?: number, gapMs?: number}} [how]
   */
  async press(tones, how) {
    const { method, durationMs, gapMs } = checkOptions("press", how, ["method", "durationMs", "gapMs"]);
    return this.act("press", { tones, method, duration_ms: durationMs, gap_ms: gapMs });
  }

  /** Play speech-like audio for as long as a text takes to say. @param {string | number} what the text, or seconds */
  say(what) {
    return this.act("say", { what });
  }

  /** Play a tone for `seconds`, or until `hush()`. @param {number} hz @param {{seconds?: number}} [how] */
  async hum(hz, how) {
    const { seconds } = checkOptions("hum", how, ["seconds"]);
    return this.act("hum", { hz, seconds });
  }

  hush() {
    return this.act("hush");
  }

  /** Wait until the call is answered, by either side. @param {Wait} [wait] */
  async expectAnswer(wait) {
    return this.act("wait-answered", within("expectAnswer", wait));
  }

  /** Wait until the call is over. @param {Wait} [wait] */
  async expectEnd(wait) {
    return this.act("wait-for-end", within("expectEnd", wait));
  }

  /**
   * Wait for the next digits from the far end; digits that an earlier call has matched are ignored.
   *
   * @param {string} digits
   * @param {{method?: "telephone-event" | "sip-info"} & Wait} [how]
   */
  async expectDigits(digits, how) {
    const { method, within } = checkOptions("expectDigits", how, ["method", "within"]);
    return this.act("wait-for-digits", { digits, method, within_ms: within });
  }

  /** Wait for a tone of at least 0.3 s, alone or among others. @param {number} hz @param {Wait} [wait] */
  async expectTone(hz, wait) {
    return this.act("expect-tone", { hz, ...within("expectTone", wait) });
  }

  /** Wait for exactly these simultaneous tones. @param {number[]} hz @param {Wait} [wait] */
  async expectTones(hz, wait) {
    return this.act("expect-tones", { hz, ...within("expectTones", wait) });
  }

  /** Wait for uninterrupted silence of this duration. @param {number} [seconds] @param {Wait} [wait] */
  async expectSilence(seconds, wait) {
    return this.act("expect-silence", { seconds, ...within("expectSilence", wait) });
  }

  /** Wait for speech. @param {Wait} [wait] */
  async expectSpeech(wait) {
    return this.act("expect-speech", within("expectSpeech", wait));
  }

  /**
   * Call any verb of the control API for calls: `/_sim/phones/{id}/<verb>`.
   *
   * @param {string} verb
   * @param {{[field: string]: unknown}} [body]
   * @returns {Promise<this>} rejects with DailyHttpError
   */
  async act(verb, body = {}) {
    const request = { sip_call_id: this.sipCallId, ...body };
    this.facts = await this.phone.daily.control("POST", `/phones/${this.phone.id}/${verb}`, request);
    return this;
  }
}

/** A phone on the simulated network. */
class Phone {
  /** @param {Daily} daily @param {any} created the answer of the control API */
  constructor(daily, created) {
    this.daily = daily;
    /** @type {string} */
    this.id = created.id;
    /** @type {string | null} */
    this.number = created.number;
    /** @type {string} */
    this.uri = created.uri;
  }

  /** @returns {Promise<any>} the state of the phone, including its calls and received digits */
  read() {
    return this.daily.control("GET", `/phones/${this.id}`);
  }

  /**
   * Wait for the next incoming call; each call is returned once, including refused ones.
   *
   * @param {Wait} [wait]
   * @returns {Promise<PhoneCall>}
   */
  async call(wait) {
    const request = within("call", wait);
    return new PhoneCall(this, await this.daily.control("POST", `/phones/${this.id}/wait-for-call`, request));
  }

  /**
   * Call a number or a SIP URI.
   *
   * @param {string} to
   * @param {{headers?: {[name: string]: string}, displayName?: string}} [how] header fields of the INVITE
   * @returns {Promise<PhoneCall>}
   */
  async dial(to, how) {
    const { headers, displayName } = checkOptions("dial", how, ["headers", "displayName"]);
    const request = { to, headers, display_name: displayName };
    return new PhoneCall(this, await this.daily.control("POST", `/phones/${this.id}/dial`, request));
  }

  /** Remove the phone from the network; its calls are hung up. */
  async remove() {
    await this.daily.control("DELETE", `/phones/${this.id}`);
  }
}

/** @param {string} verb @param {Wait} [wait] */
function within(verb, wait) {
  return { within_ms: checkOptions(verb, wait, ["within"]).within };
}

module.exports = { Phone, PhoneCall };
