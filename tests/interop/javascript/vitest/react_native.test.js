/** daily-js as in React Native, with event emitters instead of postMessage; nothing else of React Native is present. */
import Daily from "@daily-co/daily-js";
import { expectEvent, watch } from "daily-telephony-simulator";
import { expect, test } from "vitest";

import { daily, newNumber } from "./calls.js";

Object.defineProperty(navigator, "product", { value: "ReactNative" });
globalThis.DailyNativeUtils = new Proxy({}, { get: () => () => {} });

test("joins, dials out, receives digits and leaves", async () => {
  const room = await daily.createRoom({ enable_dialout: true });
  const phone = await daily.phone(newNumber());
  const call = watch(Daily.createCallObject());
  await call.join({ url: room.url, token: await room.ownerToken() });
  expect(globalThis.callMachineToDailyJsEmitter).toBeDefined();

  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-answered", session);
  await (await phone.call()).press("5");
  await expectEvent(call, "dtmf-event", { ...session, tone: "5" });
  await call.leave();
  expect(call.meetingState()).toBe("left-meeting");
  await call.join({ url: room.url, token: await room.ownerToken() });
  await call.destroy();
});
