"use strict";
/** A simulated phone and its calls, over the control API. Waits are the server's, and so is what they say when they fail. */

const { checkOptions } = require("./option_checks.cjs");

/** @typedef {import("./daily.cjs").Daily} Daily */
/** @typedef {{within?: number}} Wait milliseconds; 5000 when absent, 60000 at most */

/** One call of a phone. What it was at the last verb is in `state`, `digits`, `headers`, …; `read()` reads it anew. */
class PhoneCall {
  /** @param {Phone} phone @param {any} facts */
  constructor(phone, facts) {
    this.phone = phone;
    /** @type {string} */
    this.sipCallId = facts.sip_call_id;
    /** All that the control API tells of it. */
    this.facts = facts;
  }

  /** `dialling`, `incoming`, `ringing`, `early`, `answered` or `ended`. @returns {string} */
  get state() {
    return this.facts.state;
  }

  /** The caller, or who was called. @returns {string} */
  get remote() {
    return this.facts.remote;
  }

  /** The X- headers of the INVITE. @returns {{[name: string]: string}} */
  get headers() {
    return this.facts.headers;
  }

  /** Digits heard so far. @returns {string} */
  get digits() {
    return this.facts.digits;
  }

  /** How it ended; null while it has not. @returns {{status: number, reason: string, by: string} | null} */
  get ended() {
    return this.facts.ended;
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

  /** @param {number} [status] 486 when absent @param {string} [reason] */
  reject(status, reason) {
    return this.act("reject", { status, reason });
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

  /** Send the other side elsewhere, with a REFER. @param {string} to */
  transfer(to) {
    return this.act("transfer", { to });
  }

  /**
   * @param {string} tones 0-9 A-D * # and `,` for a pause of a second
   * @param {{method?: "auto" | "telephone-event" | "sip-info" | "in-band", durationMs?: number, gapMs?: number}} [how]
   */
  async press(tones, how) {
    const { method, durationMs, gapMs } = checkOptions("press", how, ["method", "durationMs", "gapMs"]);
    return this.act("press", { tones, method, duration_ms: durationMs, gap_ms: gapMs });
  }

  /** Say a stand-in for a text, or so many seconds of babble. @param {string | number} what */
  say(what) {
    return this.act("say", { what });
  }

  /** @param {number} hz @param {{seconds?: number}} [how] until `hush()` when absent */
  async hum(hz, how) {
    const { seconds } = checkOptions("hum", how, ["seconds"]);
    return this.act("hum", { hz, seconds });
  }

  hush() {
    return this.act("hush");
  }

  /** @param {Wait} [wait] */
  async expectAnswer(wait) {
    return this.act("wait-answered", within("expectAnswer", wait));
  }

  /** @param {Wait} [wait] */
  async expectEnd(wait) {
    return this.act("wait-for-end", within("expectEnd", wait));
  }

  /**
   * The keys that the other side presses next; those that were expected before are not looked at again.
   *
   * @param {string} digits
   * @param {{method?: "telephone-event" | "sip-info"} & Wait} [how]
   */
  async expectDigits(digits, how) {
    const { method, within } = checkOptions("expectDigits", how, ["method", "within"]);
    return this.act("wait-for-digits", { digits, method, within_ms: within });
  }

  /** A tone of 0.3 s, alone or among others, from now on. @param {number} hz @param {Wait} [wait] */
  async expectTone(hz, wait) {
    return this.act("expect-tone", { hz, ...within("expectTone", wait) });
  }

  /** Exactly these tones at once, from now on. @param {number[]} hz @param {Wait} [wait] */
  async expectTones(hz, wait) {
    return this.act("expect-tones", { hz, ...within("expectTones", wait) });
  }

  /** So many seconds on end. @param {number} [seconds] @param {Wait} [wait] */
  async expectSilence(seconds, wait) {
    return this.act("expect-silence", { seconds, ...within("expectSilence", wait) });
  }

  /** @param {Wait} [wait] */
  async expectSpeech(wait) {
    return this.act("expect-speech", within("expectSpeech", wait));
  }

  /**
   * Any verb of the control API for calls: `/_sim/phones/{id}/<verb>`.
   *
   * @param {string} verb
   * @param {{[field: string]: unknown}} [body]
   * @returns {Promise<this>} rejects with DailyHttpError
   */
  async act(verb, body = {}) {
    const wanted = { sip_call_id: this.sipCallId, ...body };
    this.facts = await this.phone.daily.control("POST", `/phones/${this.phone.id}/${verb}`, wanted);
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
    /** @type {string | null} */
    this.number = made.number;
    /** @type {string} */
    this.uri = made.uri;
  }

  /** @returns {Promise<any>} its calls and the digits it heard */
  read() {
    return this.daily.control("GET", `/phones/${this.id}`);
  }

  /**
   * Its next incoming call; each is handed out once, refused ones included.
   *
   * @param {Wait} [wait]
   * @returns {Promise<PhoneCall>}
   */
  async call(wait) {
    const wanted = within("call", wait);
    return new PhoneCall(this, await this.daily.control("POST", `/phones/${this.id}/wait-for-call`, wanted));
  }

  /**
   * @param {string} to a number or a SIP URI
   * @param {{headers?: {[name: string]: string}, displayName?: string}} [how] header fields of the INVITE
   * @returns {Promise<PhoneCall>}
   */
  async dial(to, how) {
    const { headers, displayName } = checkOptions("dial", how, ["headers", "displayName"]);
    const wanted = { to, headers, display_name: displayName };
    return new PhoneCall(this, await this.daily.control("POST", `/phones/${this.id}/dial`, wanted));
  }

  /** Take it out of the network; its calls are hung up. */
  async remove() {
    await this.daily.control("DELETE", `/phones/${this.id}`);
  }
}

/** @param {string} verb @param {Wait} [wait] */
function within(verb, wait) {
  return { within_ms: checkOptions(verb, wait, ["within"]).within };
}

module.exports = { Phone, PhoneCall };
