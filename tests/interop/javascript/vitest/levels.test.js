/** Audio level observers; levels are measured in a browser only. */
import { expectEvent } from "daily-telephony-simulator";
import { test } from "vitest";

import { daily, newCall } from "./calls.js";

const room = await daily.createRoom();

test("an observer that is started before joining is active after it", async () => {
  const call = newCall();
  await call.startRemoteParticipantsAudioLevelObserver(100);
  await call.join({ url: room.url });
  await expectEvent(call, "remote-participants-audio-level", { participantsAudioLevel: {} });
});
