/** Call objects for tests: left and destroyed afterwards, and their events written down where RECORD_EVENTS says. */
import Daily from "@daily-co/daily-js";
import { startDaily, watch } from "daily-telephony-simulator";
import { randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { onTestFinished, vi } from "vitest";

export const daily = await startDaily();

const folder = process.env.RECORD_EVENTS;
if (folder) {
  mkdirSync(folder, { recursive: true });
}
/** Kinds of fields that were written down before. */
const written = new Set();

/** A phone number that no other test has. */
export function newNumber() {
  return `+1206${randomInt(2_000_000, 9_999_999)}`;
}

/** A call object that has not joined. */
export function newCall(options = {}) {
  const call = watch(Daily.createCallObject({ allowMultipleCallInstances: true, ...options }));
  if (folder) {
    record(call);
  }
  call.on("error", () => {});
  onTestFinished(() => call.destroy());
  return call;
}

/** A call object in a room, as owner unless said otherwise. */
export async function join(room, { owner = true, userName = "Ann", ...options } = {}) {
  const call = newCall(options);
  await call.join({ url: room.url, token: await room.token({ is_owner: owner, user_name: userName }) });
  return call;
}

/** Waits until `check` does not throw. */
export function until(check) {
  return vi.waitFor(check, { timeout: 20_000 });
}

export function sessionIdOf(call) {
  return call.participants().local.session_id;
}

function record(call) {
  const emit = call.emit;
  call.emit = function (name, event) {
    const handed = emit.call(this, name, event);
    const text = JSON.stringify(event, tagged, 1);
    const kind = `${name} ${text.replace(/: .*/g, "")}`;
    if (!written.has(kind)) {
      written.add(kind);
      writeFileSync(path.join(folder, `${name}.${process.pid}.${written.size}.json`), text);
    }
    return handed;
  };
}

/** JSON has no dates, sets and tracks. */
function tagged(key, value) {
  const given = this[key];
  if (given instanceof Date) return { $date: given.toISOString() };
  if (given instanceof Set) return { $set: [...given] };
  if (given instanceof MediaStreamTrack) return { $track: given.kind };
  return value;
}
