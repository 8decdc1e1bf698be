/** Audio level observers; what they measure is heard in a browser only. */
import { expectEvent } from "daily-telephony-simulator";
import { test } from "vitest";

import { daily, newCall } from "./calls.js";

const room = await daily.createRoom();

test("an observer that is wanted before joining begins with the call", async () => {
  const call = newCall();
  await call.startRemoteParticipantsAudioLevelObserver(100);
  await call.join({ url: room.url });
  await expectEvent(call, "remote-participants-audio-level", { participantsAudioLevel: {} });
});
