"use strict";
/** Waiting for events of a daily-js call object; also for those that came before the wait began. */

const { isDeepStrictEqual, types } = require("node:util");

const { checkEventName, checkVersion } = require("./event_names.cjs");
const { checkOptions } = require("./option_checks.cjs");

/** How long a wait lasts when nothing else is said. */
const WITHIN_MS = 5000;

/** @typedef {{name: string, event: any, at: number, taken: boolean}} Heard */
/** @typedef {{[field: string]: any}} Where fields that the event has: values, regular expressions, or functions of the value */

/** What has come for a call object, whoever listens. */
class Record {
  constructor() {
    this.began = Date.now();
    /** @type {Heard[]} */
    this.heard = [];
    /** @type {Set<() => void>} */
    this.waiting = new Set();
  }

  /** @param {string} name @param {any} event */
  add(name, event) {
    this.heard.push({ name, event, at: Date.now(), taken: false });
    for (const look of [...this.waiting]) {
      look();
    }
  }
}

/** @type {WeakMap<object, Record>} */
const records = new WeakMap();

/** What call machines have told call objects that nobody watches yet. @type {Map<string, any[]>} */
const early = new Map();

/** @param {{data: any}} message */
function keepEarly({ data }) {
  if (data?.what === "iframe-call-message" && data.from === "embedded" && data.action) {
    early.set(data.callClientId, [...(early.get(data.callClientId) ?? []), data]);
  }
}

/** @type {any} */ (globalThis).window?.addEventListener?.("message", keepEarly);

/**
 * Keep all that comes for a call object from now on. `expectEvent` does it at its first use, and then has also what the
 * call machine told before; what daily-js itself tells (track-started, load-attempt-failed, …) is kept from here on.
 *
 * @template {object} T
 * @param {T} call a call object of daily-js
 * @returns {T}
 */
function watch(call) {
  recordOf(call);
  return call;
}

/** @param {any} call @returns {Record} */
function recordOf(call) {
  const known = records.get(call);
  if (known) {
    return known;
  }
  if (typeof call?.emit !== "function") {
    throw new TypeError(`expected a call object of daily-js, as createCallObject() gives it, and got ${String(call)}`);
  }
  const record = new Record();
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
 * The next such event, or one that came already; each is handed out once.
 *
 * @param {any} call a call object of daily-js
 * @param {string} name
 * @param {Where} [where]
 * @param {{within?: number}} [options] ms
 * @returns {Promise<any>} the event; rejects with what came instead
 */
function expectEvent(call, name, where = {}, options) {
  checkEventName(name);
  const { within = WITHIN_MS } = checkOptions("expectEvent", options, ["within"]);
  const record = recordOf(call);
  checkVersion(call, name);
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = record.heard.find(
        (heard) => !heard.taken && heard.name === name && misses(heard.event, where).length === 0,
      );
      if (!found) {
        return false;
      }
      found.taken = true;
      clearTimeout(timer);
      record.waiting.delete(look);
      resolve(found.event);
      return true;
    };
    const timer = setTimeout(() => {
      record.waiting.delete(look);
      reject(new Error(explain(record, name, where, within)));
    }, within);
    if (!look()) {
      record.waiting.add(look);
    }
  });
}

/** @param {any} event @param {Where} where @returns {string[]} the fields that are not as wanted */
function misses(event, where) {
  return Object.keys(where).filter((field) => !fits(event?.[field], where[field]));
}

/** @param {any} value @param {any} wanted @returns {boolean} */
function fits(value, wanted) {
  if (typeof wanted === "function") {
    return judge(wanted, value) === true;
  }
  if (types.isRegExp(wanted)) {
    return typeof value === "string" && value.search(wanted) !== -1;
  }
  return isDeepStrictEqual(value, wanted);
}

/**
 * @param {(value: any) => any} isWanted
 * @param {any} value
 * @returns {boolean | string} or what it threw: made for one event, it may stumble over another
 */
function judge(isWanted, value) {
  try {
    return Boolean(isWanted(value));
  } catch (error) {
    return String(error);
  }
}

/** @param {Record} record @param {string} name @param {Where} where @param {number} within */
function explain(record, name, where, within) {
  const lines = [`Expected  ${name}  ${show(where)}  within ${within / 1000} s`];
  const near = nearest(record, name, where);
  if (near) {
    const wrong = misses(near.event, where).map(
      (field) => `${field} is ${show(near.event?.[field])}${thrown(where[field], near.event?.[field])}`,
    );
    lines.push(`Nearest   ${time(record, near)} ${near.name}  ${near.taken ? "handed out before" : wrong.join(", ")}`);
  }
  const names = record.heard.map((heard) => `${time(record, heard)} ${heard.name}`);
  lines.push(`Happened  ${names.join(" · ") || "nothing"}`);
  return lines.join("\n");
}

/** @param {any} wanted @param {any} value */
function thrown(wanted, value) {
  const verdict = typeof wanted === "function" ? judge(wanted, value) : false;
  return typeof verdict === "string" ? ` (${verdict})` : "";
}

/** @param {Record} record @param {string} name @param {Where} where @returns {Heard | undefined} */
function nearest(record, name, where) {
  const same = record.heard.filter((heard) => heard.name === name);
  const far = (/** @type {Heard} */ heard) => misses(heard.event, where).length + Number(heard.taken) / 2;
  return same.sort((a, b) => far(a) - far(b))[0];
}

/** @param {Record} record @param {Heard} heard */
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
