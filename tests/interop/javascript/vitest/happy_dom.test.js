// @vitest-environment happy-dom
/** The other test environment with a DOM. */
import { expectEvent } from "daily-telephony-simulator";
import { expect, test } from "vitest";

import { daily, join, newCall, newNumber } from "./calls.js";

const room = await daily.createRoom({ enable_dialout: true });

test("dials out, receives digits, and leaves", async () => {
  const phone = await daily.phone(newNumber());
  const call = await join(room);
  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  const { track } = await expectEvent(call, "track-started", { type: "audio", participant: ({ local }) => !local });
  expect(new MediaStream([track]).getAudioTracks()).toEqual([track]);
  await expectEvent(call, "dialout-answered", session);
  await (await phone.call()).press("5");
  await expectEvent(call, "dtmf-event", { ...session, tone: "5" });
  await call.leave();
  expect(call.meetingState()).toBe("left-meeting");
});

test.each([{}, { avoidEval: true }, { bundlePathOverride: daily.callMachineUrl }])(
  "loads with %o",
  async (dailyConfig) => {
    const call = newCall({ dailyConfig });
    await call.join({ url: room.url });
    expect(call.meetingState()).toBe("joined-meeting");
  },
);

test("reconnects after an interruption", async () => {
  const call = await join(room);
  await daily.cutNetwork(call, 100);
  await expectEvent(call, "network-connection", { event: "interrupted" });
  await expectEvent(call, "network-connection", { event: "connected", type: "signaling" });
});
