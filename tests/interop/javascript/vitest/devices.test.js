/** Devices and screens that are opened late, or after the app has chosen something else. */
import { expectEvent } from "daily-telephony-simulator";
import { expect, onTestFinished, test } from "vitest";

import { daily, newCall, until } from "./calls.js";

const room = await daily.createRoom();
const { mediaDevices } = navigator;

/** Records calls of a method of mediaDevices; the test settles them with `give` or `fail`. */
function intercept(method) {
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

test("a microphone that fails to open does not block the app's track that replaced it", async () => {
  const requests = intercept("getUserMedia");
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

test("a second startScreenShare() does not open a second screen", async () => {
  const requests = intercept("getDisplayMedia");
  const call = newCall({ audioSource: false, videoSource: false });
  await call.join({ url: room.url });
  call.startScreenShare();
  call.startScreenShare();
  await until(() => expect(requests).not.toHaveLength(0));
  const screens = requests.map(({ give }) => {
    const track = new MediaStreamTrack("video");
    give(new MediaStream([track]));
    return track;
  });
  await expectEvent(call, "local-screen-share-started");
  call.stopScreenShare();
  await expectEvent(call, "local-screen-share-stopped");
  expect(screens.map(({ readyState }) => readyState)).toEqual(["ended"]);
});

test("a screen that is chosen after leaving is stopped, and not used for the next call", async () => {
  const requests = intercept("getDisplayMedia");
  const call = newCall({ audioSource: false, videoSource: false });
  const screens = [new MediaStreamTrack("video"), new MediaStreamTrack("video")];
  for (const n of [1, 2]) {
    await call.join({ url: room.url });
    call.startScreenShare();
    await until(() => expect(requests).toHaveLength(n));
    if (n === 1) await call.leave();
  }
  requests[1].give(new MediaStream([screens[1]]));
  await expectEvent(call, "local-screen-share-started");
  requests[0].give(new MediaStream([screens[0]]));
  await until(() => expect(screens[0].readyState).toBe("ended"));
  expect(screens[1].readyState).toBe("live");
  call.stopScreenShare();
  await until(() => expect(screens[1].readyState).toBe("ended"));
});

test("a track that is set between load() and join() is used as the microphone", async () => {
  const call = newCall({ videoSource: false });
  await call.load();
  const own = new MediaStreamTrack("audio");
  await call.setInputDevicesAsync({ audioSource: own });
  await call.join({ url: room.url });
  await until(() => expect(call.participants().local.tracks.audio).toMatchObject({ state: "playable", track: own }));
});

test("no device is opened between calls", async () => {
  const requests = intercept("getUserMedia");
  const call = newCall({ startAudioOff: true, startVideoOff: true });
  await call.join({ url: room.url });
  await call.leave();
  call.setLocalAudio(true);
  call.setLocalVideo(true);
  await call.join({ url: room.url });
  expect(requests).toEqual([]);
});
