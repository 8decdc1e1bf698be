/** The ways in which daily-js loads its call machine. */
import Daily from "@daily-co/daily-js";
import { expectEvent, watch } from "daily-telephony-simulator";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { daily, newCall } from "./calls.js";

const room = await daily.createRoom();
const here = { bundlePathOverride: daily.callMachineUrl };

describe("joins with", () => {
  const ways = {
    "no option, from Daily's own address": {},
    bundlePathOverride: { dailyConfig: here },
    "bundlePathOverride and avoidEval": { dailyConfig: { ...here, avoidEval: true } },
    "avoidEval": { dailyConfig: { avoidEval: true } },
  };

  test.each(Object.keys(ways))("%s", async (way) => {
    const call = newCall(ways[way]);
    await call.join({ url: room.url });
    await expectEvent(call, "loaded");
    expect(call.meetingState()).toBe("joined-meeting");
  });
});

test("the bundle is loaded once per call object", async () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  const call = newCall();
  await call.load();
  await call.join({ url: room.url });
  await call.leave();
  await call.join({ url: room.url });
  expect(fetched).toHaveBeenCalledTimes(1);
  fetched.mockRestore();
});

test("a missing bundle fails after three attempts", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const call = newCall({ dailyConfig: { bundlePathOverride: `${daily.callMachineUrl}/missing` } });
  const rejected = await call.join({ url: room.url }).catch((error) => error);

  expect(rejected).toMatch(/Failed to load call object bundle .*404/);
  for (const attempt of [1, 2, 3]) {
    expect(await expectEvent(call, "load-attempt-failed"), `${attempt}`).toBeDefined();
  }
  const { error } = await expectEvent(call, "error");
  expect(error).toMatchObject({
    type: "connection-error",
    details: { on: "load", bundleUrl: expect.stringMatching(/missing/) },
  });
  expect(call.meetingState()).toBe("error");
  logged.mockRestore();
});

test("the test set-up makes the environment a supported browser", () => {
  expect(Daily.supportedBrowser()).toMatchObject({ supported: true, name: "Chrome" });
  const call = watch(Daily.createCallObject({ allowMultipleCallInstances: true }));
  onTestFinished(() => call.destroy());
  expect(call.meetingState()).toBe("new");
});
