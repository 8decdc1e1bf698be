/** Services that are not enabled, and facts that are constant: every action of daily-js gets a reply. */
import { expectEvent } from "daily-telephony-simulator";
import { expect, test, vi } from "vitest";

import { daily, join, newCall } from "./calls.js";

const room = await daily.createRoom();

test.each([
  ["startRecording", "recording-error"],
  ["startLiveStreaming", "live-streaming-error"],
  ["startTranscription", "transcription-error"],
])("%s causes %s", async (verb, error) => {
  const call = await join(room);
  call[verb]({});
  expect(await expectEvent(call, error)).toMatchObject({ errorMsg: expect.stringMatching(/not enabled/) });
});

test("the remote media player is refused", async () => {
  const call = await join(room);
  await expect(call.startRemoteMediaPlayer({ url: "https://example.com/a.mp4" })).rejects.toMatchObject({
    error: "NOT_ALLOWED",
  });
});

test("there is no lobby", async () => {
  const call = await join(room);
  expect(await call.requestAccess({ name: "Ann" })).toEqual({ access: { level: "full" }, granted: true });
  await expect(call.updateWaitingParticipant("x", { grantRequestedAccess: true })).rejects.toMatch(/no lobby/);
});

test("preAuth grants access, and join needs no URL after it", async () => {
  const call = newCall();
  expect(await call.preAuth({ url: room.url })).toEqual({ access: { level: "full" } });
  await call.join();
  expect(call.meetingState()).toBe("joined-meeting");
});

test("network, CPU and session facts", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const call = await join(room);
  expect(await call.getNetworkTopology()).toEqual({ topology: "sfu" });
  expect(await call.getCpuLoadStats()).toMatchObject({ cpuLoadState: "low" });
  expect(await call.getNetworkStats()).toMatchObject({ stats: { latest: expect.anything() } });
  expect(await call.testWebsocketConnectivity()).toMatchObject({ result: "passed" });
  expect(await call.getDailyLang()).toMatchObject({ lang: "en" });
  expect((await call.getMeetingSession()).meetingSession).toEqual(call.meetingSessionSummary());
  warned.mockRestore();
});

test("room() describes the room", async () => {
  const other = await daily.createRoom({ enable_dialout: true, max_participants: 7 });
  const call = await join(other, { userName: "Ann" });
  expect(await call.room()).toMatchObject({
    name: other.name,
    config: { enable_dialout: true, max_participants: 7 },
    tokenConfig: { is_owner: true, user_name: "Ann" },
  });
});

test("receive settings are stored and reported", async () => {
  const call = await join(room);
  const settings = { base: { video: { layer: 0 } } };
  expect(await call.updateReceiveSettings(settings)).toEqual({ receiveSettings: settings });
  expect(await call.getReceiveSettings("base")).toEqual(settings.base);
  await expectEvent(call, "receive-settings-updated", { receiveSettings: settings });
});

test("actions without an effect are answered", async () => {
  const call = await join(room);
  await expect(call.startDialIn({ displayName: "Caller" })).rejects.toMatch(/property sip/);
  call.setPlayNewParticipantSound(true);
  call.setDailyLang("de");
});
