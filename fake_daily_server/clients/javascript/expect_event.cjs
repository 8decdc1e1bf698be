"use strict";
/** Waits for events of a daily-js call object, including those emitted before the wait. */

const { isDeepStrictEqual, types } = require("node:util");

const { checkEventName, checkVersion } = require("./event_names.cjs");
const { whyMissing } = require("./known_reasons.cjs");
const { checkOptions } = require("./option_checks.cjs");

/** The default timeout of a wait. */
const WITHIN_MS = 5000;

/** @typedef {{name: string, event: any, at: number, taken: boolean}} Recorded */
/** @typedef {{[field: string]: any}} Where required fields of an event: values, regular expressions, or predicates */

/** All events of one call object so far, whether or not the app listens to them. */
class EventRecord {
  constructor() {
    this.began = Date.now();
    /** @type {Recorded[]} */
    this.events = [];
    /** @type {Set<() => void>} */
    this.waiting = new Set();
  }

  /** @param {string} name @param {any} event */
  add(name, event) {
    this.events.push({ name, event, at: Date.now(), taken: false });
    for (const check of [...this.waiting]) {
      check();
    }
  }
}

/** @type {WeakMap<object, EventRecord>} */
const records = new WeakMap();

/** Events posted to call objects that have no record yet, by call client id. @type {Map<string, any[]>} */
const early = new Map();

/** @param {{data: any}} message */
function keepEarly({ data }) {
  if (data?.what === "iframe-call-message" && data.from === "embedded" && data.action) {
    early.set(data.callClientId, [...(early.get(data.callClientId) ?? []), data]);
  }
}

/** @type {any} */ (globalThis).window?.addEventListener?.("message", keepEarly);

/**
 * Record all events of a call object from now on. `expectEvent` does this at its first use; the record then contains
 * earlier events of the call machine, but not those of daily-js itself (track-started, load-attempt-failed, …).
 *
 * @template {object} T
 * @param {T} call a call object of daily-js
 * @returns {T}
 */
function watch(call) {
  recordOf(call);
  return call;
}

/** @param {any} call @returns {EventRecord} */
function recordOf(call) {
  const known = records.get(call);
  if (known) {
    return known;
  }
  if (typeof call?.emit !== "function") {
    throw new TypeError(`expected a call object of daily-js, as returned by createCallObject(), got ${String(call)}`);
  }
  const record = new EventRecord();
  records.set(call, record);
  for (const { what, from, callbackStamp, ...event } of early.get(call.callClientId) ?? []) {
    record.add(event.action, event);
  }
  early.delete(call.callClientId);
  const emit = call.emit;
  /** @param {string} name @param {any} event */
  call.emit = function (name, event) {
    record.add(name, event);
    return emit.call(this, name, event);
  };
  return record;
}

/**
 * Wait for an event, or return one that was emitted already; each event is returned once.
 *
 * @param {any} call a call object of daily-js
 * @param {string} name
 * @param {Where} [where]
 * @param {{within?: number}} [options] the timeout in ms, 5000 by default
 * @returns {Promise<any>} the event; rejects with an error that lists the events emitted instead
 */
function expectEvent(call, name, where = {}, options) {
  checkEventName(name);
  const { within = WITHIN_MS } = checkOptions("expectEvent", options, ["within"]);
  const record = recordOf(call);
  checkVersion(call, name);
  return new Promise((resolve, reject) => {
    const check = () => {
      const found = record.events.find(
        (recorded) => !recorded.taken && recorded.name === name && mismatches(recorded.event, where).length === 0,
      );
      if (!found) {
        return false;
      }
      found.taken = true;
      clearTimeout(timer);
      record.waiting.delete(check);
      resolve(found.event);
      return true;
    };
    const timer = setTimeout(async () => {
      record.waiting.delete(check);
      reject(new Error(explain(record, name, where, within, await whyMissing(call, name))));
    }, within);
    if (!check()) {
      record.waiting.add(check);
    }
  });
}

/** @param {any} event @param {Where} where @returns {string[]} the fields that do not match */
function mismatches(event, where) {
  return Object.keys(where).filter((field) => !matches(event?.[field], where[field]));
}

/** @param {any} value @param {any} wanted @returns {boolean} */
function matches(value, wanted) {
  if (typeof wanted === "function") {
    return verdictOf(wanted, value) === true;
  }
  if (types.isRegExp(wanted)) {
    return typeof value === "string" && value.search(wanted) !== -1;
  }
  return isDeepStrictEqual(value, wanted);
}

/**
 * @param {(value: any) => any} isWanted
 * @param {any} value
 * @returns {boolean | string} the result, or the error of the predicate, which may not support every event
 */
function verdictOf(isWanted, value) {
  try {
    return Boolean(isWanted(value));
  } catch (error) {
    return String(error);
  }
}

/**
 * @param {EventRecord} record
 * @param {string} name
 * @param {Where} where
 * @param {number} within
 * @param {string | null} known the reason that the server knows
 */
function explain(record, name, where, within, known) {
  const lines = [`Expected  ${name}  ${show(where)}  within ${within / 1000} s`];
  const near = nearest(record, name, where);
  if (near) {
    const wrong = mismatches(near.event, near.name === name ? where : {}).map(
      (field) => `${field} is ${show(near.event?.[field])}${thrownBy(where[field], near.event?.[field])}`,
    );
    const why = near.name !== name ? show(brief(near.event)) : near.taken ? "returned before" : wrong.join(", ");
    lines.push(`Nearest   ${time(record, near)} ${near.name}  ${why}`);
  }
  const cause = causeOf(record, name) ?? known;
  if (cause) {
    lines.push(`Because   ${cause}`);
  }
  const names = record.events.map((recorded) => `${time(record, recorded)} ${recorded.name}${errorOf(recorded)}`);
  lines.push(`Happened  ${names.join(" · ") || "nothing"}`);
  return lines.join("\n");
}

/** @param {any} wanted @param {any} value */
function thrownBy(wanted, value) {
  const verdict = typeof wanted === "function" ? verdictOf(wanted, value) : false;
  return typeof verdict === "string" ? ` (${verdict})` : "";
}

/** @param {EventRecord} record @param {string} name @param {Where} where @returns {Recorded | undefined} */
function nearest(record, name, where) {
  const candidates = record.events.filter((recorded) => recorded.name === name);
  const distance = (/** @type {Recorded} */ { event, taken }) => mismatches(event, where).length + Number(taken) / 2;
  return candidates.sort((a, b) => distance(a) - distance(b))[0] ?? latestOf(record, familyOf(name));
}

/** The part of an event's name that those of one telephony session share. @param {string} name */
function familyOf(name) {
  return /^dial(in|out)-/.exec(name)?.[0];
}

/** The latest event whose name begins so. @param {EventRecord} record @param {string | undefined} family */
function latestOf(record, family) {
  return family ? record.events.filter((recorded) => recorded.name.startsWith(family)).at(-1) : undefined;
}

/** The latest error of the calls that `name` is about. @param {EventRecord} record @param {string} name */
function causeOf(record, name) {
  const family = familyOf(name);
  const error = family ? record.events.filter((recorded) => recorded.name === `${family}error`).at(-1) : undefined;
  return error && `${error.name}: ${error.event.errorMsg}`;
}

/** @param {Recorded} recorded */
function errorOf({ event }) {
  return typeof event?.errorMsg === "string" ? ` (${event.errorMsg})` : "";
}

/** The fields of an event that say which session it is about and what failed. @param {any} event */
function brief({ sessionId, errorMsg } = /** @type {any} */ ({})) {
  return { sessionId, errorMsg };
}

/** @param {EventRecord} record @param {Recorded} recorded */
function time(record, { at }) {
  return `+${((at - record.began) / 1000).toFixed(3)}`;
}

/** @param {any} value */
function show(value) {
  return JSON.stringify(value, (_, part) =>
    types.isRegExp(part) || typeof part === "function" ? String(part) : part,
  );
}

module.exports = { expectEvent, watch };
