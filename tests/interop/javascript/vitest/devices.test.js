/** Devices that come late, or after something else was wanted. */
import { expectEvent } from "daily-telephony-simulator";
import { expect, onTestFinished, test } from "vitest";

import { daily, newCall, until } from "./calls.js";

const room = await daily.createRoom();
const { mediaDevices } = navigator;

/** Answers requests for devices when the test says so. */
function asked(method) {
  const original = mediaDevices[method];
  const requests = [];
  mediaDevices[method] = (wanted) =>
    new Promise((resolve, reject) => {
      const error = Object.assign(new Error("none"), { name: "NotFoundError" });
      requests.push({ wanted, give: resolve, fail: () => reject(error) });
    });
  onTestFinished(() => {
    mediaDevices[method] = original;
  });
  return requests;
}

test("a microphone that cannot be opened does not block the track that took its place", async () => {
  const requests = asked("getUserMedia");
  const call = newCall();
  await call.join({ url: room.url });
  await until(() => expect(requests).toHaveLength(1));
  const own = new MediaStreamTrack("audio");
  await call.setInputDevicesAsync({ audioSource: own });
  const microphone = () => call.participants().local.tracks.audio;
  await until(() => expect(microphone().state).toBe("playable"));
  requests[0].fail();
  await until(() => expect(requests).toHaveLength(3));
  for (const { fail } of requests.slice(1)) fail();
  const { errorMsg } = await expectEvent(call, "camera-error");
  expect(errorMsg).toMatchObject({ audioOk: true, videoOk: false });
  expect(microphone()).toMatchObject({ state: "playable", track: own });
});
