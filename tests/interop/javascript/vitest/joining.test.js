/** Joining: events, and refusals with their error types. */
import { expectEvent } from "daily-telephony-simulator";
import { describe, expect, test, vi } from "vitest";

import { daily, join, newCall, sessionIdOf } from "./calls.js";

const room = await daily.createRoom();
const now = () => Date.now() / 1000;

test("join resolves with the local participant, in the form of daily-js's types", async () => {
  const call = newCall();
  const joined = await call.join({
    url: room.url,
    token: await room.ownerToken(),
    userName: "Ann",
    userData: { desk: 7 },
  });

  expect(Object.keys(joined)).toEqual(["local"]);
  const { local } = joined;
  expect(local).toMatchObject({ local: true, owner: true, user_name: "Ann", userData: { desk: 7 }, record: false });
  expect(local.joined_at).toBeInstanceOf(Date);
  expect(Math.abs(local.joined_at - Date.now())).toBeLessThan(5000);
  expect(local.will_eject_at).toEqual(new Date(0));
  expect(local.permissions).toMatchObject({ hasPresence: true, canSend: true, canAdmin: true });
  expect(call.meetingState()).toBe("joined-meeting");
  expect(call.participants().local.session_id).toBe(local.session_id);
  expect(call.accessState()).toEqual({ access: { level: "full" } });
  const { meetingSession } = await expectEvent(call, "meeting-session-summary-updated");
  expect(call.meetingSessionSummary()).toEqual(meetingSession);
});

test("participants who joined earlier are reported as participant-joined", async () => {
  const [first, second] = [await join(room, { userName: "First" }), newCall()];
  const joined = await second.join({ url: room.url });
  expect(Object.keys(joined)).toEqual(["local"]);
  await expectEvent(second, "participant-joined", { participant: (its) => its.session_id === sessionIdOf(first) });
  await expectEvent(first, "participant-joined", { participant: (its) => its.session_id === sessionIdOf(second) });
  expect(second.participants()[sessionIdOf(first)].user_name).toBe("First");
});

test("limited permissions are sets", async () => {
  const call = newCall();
  const token = await room.token({ permissions: { canSend: ["audio"], canAdmin: ["participants"] } });
  const { local } = await call.join({ url: room.url, token });
  expect(local.permissions).toMatchObject({ canSend: new Set(["audio"]), canAdmin: new Set(["participants"]) });
});

describe("a refused join rejects with a fatal error, emits it, and leaves", () => {
  const refusals = {
    "no-room": async () => ({ url: room.url + "-missing" }),
    "not-allowed": async () => ({ url: (await daily.createRoom({}, { privacy: "private" })).url }),
    "exp-token": async () => ({ url: room.url, token: await tokenThatHasExpired() }),
    "nbf-token": async () => ({ url: room.url, token: await room.token({ nbf: Math.round(now() + 3600) }) }),
    "nbf-room": async () => ({ url: (await daily.createRoom({ nbf: Math.round(now() + 3600) })).url }),
    "meeting-full": async () => {
      const small = await daily.createRoom({ max_participants: 1 });
      await join(small);
      return { url: small.url };
    },
  };

  test.each(Object.keys(refusals))("%s", async (type) => {
    const call = newCall();
    const rejected = await call.join(await refusals[type]()).catch((error) => error);

    expect(rejected).toMatchObject({ action: "error", error: { type, msg: expect.any(String) } });
    expect(rejected.errorMsg).toBe(rejected.error.msg);
    expect(await expectEvent(call, "error")).toMatchObject({ error: { type } });
    await expectEvent(call, "left-meeting");
    expect(call.meetingState()).toBe("error");
  });

  test("and the same call object can join again", async () => {
    const call = newCall();
    await call.join({ url: room.url + "-missing" }).catch(() => {});
    await call.join({ url: room.url });
    expect(call.meetingState()).toBe("joined-meeting");
  });

  test("a room of the real Daily is never contacted", async () => {
    const call = newCall();
    const rejected = await call.join({ url: "https://example.daily.co/room" }).catch((error) => error);
    expect(rejected).toMatchObject({
      error: { type: "connection-error" },
      errorMsg: expect.stringMatching(/room of the real Daily/),
    });
  });

  test("and daily-js's error report is answered here, even without the test set-up", async () => {
    const intercepting = globalThis.fetch;
    const outside = vi.fn(async () => new Response("{}"));
    globalThis.fetch = outside;
    const call = newCall({ dailyConfig: { bundlePathOverride: daily.callMachineUrl, avoidEval: true } });
    await call.join({ url: "http://127.0.0.1:9/room" }).catch(() => {});
    await fetch("https://o77906.ingest.sentry.io/api/168844/envelope/");
    expect(outside).not.toHaveBeenCalled();
    await fetch("http://127.0.0.1:9/");
    expect(outside).toHaveBeenCalledTimes(1);
    globalThis.fetch = intercepting;
  });

  test("a server that does not run", async () => {
    const call = newCall();
    const rejected = await call.join({ url: "http://127.0.0.1:9/room" }).catch((error) => error);
    expect(rejected).toMatchObject({
      error: { type: "connection-error" },
      errorMsg: expect.stringMatching(/no fake Daily answers/),
    });
  });
});

test("what is no URL is refused without a fatal error", async () => {
  const call = newCall();
  await expect(call.join({ url: "room" })).rejects.toMatch(/"room" is not the URL of a room/);
  await call.join({ url: room.url });
});

async function tokenThatHasExpired() {
  const token = await room.token({ exp: Math.round(now() + 60) });
  await daily.control("POST", "/clock", { advance_s: 120 });
  return token;
}
