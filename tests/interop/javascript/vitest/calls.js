/** Call objects for tests, destroyed afterwards. With RECORD_EVENTS their events are written to that folder. */
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
/** Shapes of events that were written already. */
const written = new Set();

/** Returns a phone number that no other test uses. */
export function newNumber() {
  return `+1206${randomInt(2_000_000, 9_999_999)}`;
}

/** Returns a call object that has not joined. */
export function newCall(options = {}) {
  const call = watch(Daily.createCallObject({ allowMultipleCallInstances: true, ...options }));
  if (folder) {
    record(call);
  }
  call.on("error", () => {});
  onTestFinished(() => call.destroy());
  return call;
}

/** Returns a call object that has joined a room, by default as owner. */
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
    const result = emit.call(this, name, event);
    const text = JSON.stringify(event, tagged, 1);
    const shape = `${name} ${text.replace(/: .*/g, "")}`;
    if (!written.has(shape)) {
      written.add(shape);
      writeFileSync(path.join(folder, `${name}.${process.pid}.${written.size}.json`), text);
    }
    return result;
  };
}

/** Represents dates, sets and tracks in JSON. */
function tagged(key, value) {
  const given = this[key];
  if (given instanceof Date) return { $date: given.toISOString() };
  if (given instanceof Set) return { $set: [...given] };
  if (given instanceof MediaStreamTrack) return { $track: given.kind };
  return value;
}
