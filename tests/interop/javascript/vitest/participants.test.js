/** Several call objects in one room. */
import { expectEvent } from "daily-telephony-simulator";
import { describe, expect, test, vi } from "vitest";

import { daily, join, newNumber, sessionIdOf, until } from "./calls.js";

const room = await daily.createRoom({ enable_dialout: true });
const who = (call) => ({ participant: ({ session_id }) => session_id === sessionIdOf(call) });

test("app messages to all others, to one, or to several", async () => {
  const [ann, ben, cleo] = [await join(room), await join(room), await join(room)];
  ann.sendAppMessage({ to: "all" });
  for (const call of [ben, cleo]) {
    expect(await expectEvent(call, "app-message", { data: { to: "all" } })).toMatchObject({ fromId: sessionIdOf(ann) });
  }
  ann.sendAppMessage({ to: "ben" }, sessionIdOf(ben));
  ann.sendAppMessage({ to: "both" }, [sessionIdOf(ben), sessionIdOf(cleo)]);
  await expectEvent(ben, "app-message", { data: { to: "ben" } });
  await expectEvent(cleo, "app-message", { data: { to: "both" } });
  await expect(expectEvent(cleo, "app-message", { data: { to: "ben" } }, { within: 20 })).rejects.toThrow(/Nearest/);
  await expect(expectEvent(ann, "app-message", {}, { within: 20 })).rejects.toThrow(/Expected {2}app-message/);
});

test("a message that is too long is refused by daily-js", async () => {
  const call = await join(room);
  expect(() => call.sendAppMessage("x".repeat(4096))).toThrow("Message data too large. Max size is 4096");
});

test("user names, set before and after joining", async () => {
  const [ann, ben] = [await join(room), await join(room)];
  expect(await ann.setUserName("Anna")).toEqual({ userName: "Anna", callClientId: ann.callClientId });
  await expectEvent(ben, "participant-updated", { participant: ({ user_name }) => user_name === "Anna" });
  expect(ann.participants().local.user_name).toBe("Anna");

  await ann.leave();
  await ann.setUserName("Annie");
  await ann.join({ url: room.url, token: await room.token() });
  expect(ann.participants().local.user_name).toBe("Annie");
});

test("user data is seen by the others", async () => {
  const [ann, ben] = [await join(room), await join(room)];
  expect(await ann.setUserData({ desk: 7 })).toMatchObject({ userData: { desk: 7 } });
  const { participant } = await expectEvent(ben, "participant-updated", {
    participant: ({ userData }) => userData?.desk === 7,
  });
  expect(participant.session_id).toBe(sessionIdOf(ann));
});

describe("an owner", () => {
  test("ejects a participant, which receives the reason", async () => {
    const [owner, guest] = [await join(room), await join(room, { owner: false })];
    const gone = who(guest);
    const id = sessionIdOf(guest);
    owner.updateParticipant(id, { eject: true });
    expect(await expectEvent(guest, "error")).toMatchObject({ error: { type: "ejected" } });
    await expectEvent(guest, "left-meeting");
    expect(guest.meetingState()).toBe("error");
    await expectEvent(owner, "participant-left", { participant: ({ session_id }) => session_id === id });
    expect(gone).toBeDefined();
  });

  test("changes permissions, given as a list or a set", async () => {
    const [owner, guest] = [await join(room), await join(room, { owner: false })];
    owner.updateParticipant(sessionIdOf(guest), {
      updatePermissions: { canSend: ["video"], canAdmin: new Set(["participants"]) },
    });
    const has = ({ session_id, permissions }) =>
      session_id === sessionIdOf(guest) && permissions.canSend instanceof Set && permissions.canAdmin instanceof Set;
    const { participant } = await expectEvent(owner, "participant-updated", { participant: has });
    expect(participant.permissions).toMatchObject({ canSend: new Set(["video"]), canAdmin: new Set(["participants"]) });
    await until(() => expect(guest.participants().local.permissions.canSend).toEqual(new Set(["video"])));
  });

  test("updates several participants, and all with *", async () => {
    const [owner, ben, cleo] = [
      await join(room),
      await join(room, { owner: false }),
      await join(room, { owner: false }),
    ];
    owner.updateParticipants({ [sessionIdOf(ben)]: { updatePermissions: { canSend: false } } });
    await expectEvent(ben, "participant-updated", {
      participant: ({ local, permissions }) => local && permissions.canSend === false,
    });
    owner.updateParticipants({ "*": { eject: true } });
    await expectEvent(ben, "left-meeting");
    await expectEvent(cleo, "left-meeting");
    expect(owner.meetingState()).toBe("joined-meeting");
  });
});

test("a participant without rights changes nothing, and the console shows the refusal", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const [guest, other] = [await join(room, { owner: false }), await join(room, { owner: false })];
  guest.updateParticipant(sessionIdOf(other), { eject: true });
  await until(() => expect(warned).toHaveBeenCalledWith(expect.stringMatching(/update-participant was refused/)));
  expect(other.meetingState()).toBe("joined-meeting");
  warned.mockRestore();
});

test("the local microphone is turned off and on", async () => {
  const call = await join(room);
  expect(call.localAudio()).toBe(true);
  call.setLocalAudio(false);
  await until(() => expect(call.localAudio()).toBe(false));
  call.updateParticipant("local", { setAudio: true });
  await until(() => expect(call.localAudio()).toBe(true));
});

test("a silent track represents the audio of another participant", async () => {
  const phone = await daily.phone(newNumber());
  const call = await join(room);
  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  const theirs = { participant: ({ session_id }) => session_id === session.sessionId, type: "audio" };
  const { track } = await expectEvent(call, "track-started", theirs);
  expect(track).toBeInstanceOf(MediaStreamTrack);
  expect(track.kind).toBe("audio");
  expect(call.participants()[session.sessionId].tracks.audio).toMatchObject({ state: "playable", track });

  call.updateParticipant(session.sessionId, { setAudio: false });
  expect((await expectEvent(call, "track-stopped", theirs)).track).toBe(track);
  call.updateParticipant(session.sessionId, { setAudio: true });
  expect((await expectEvent(call, "track-started", theirs)).track).toBe(track);
  await daily.cutNetwork(call, 50);
  await expectEvent(call, "track-stopped", theirs);
  await expectEvent(call, "track-started", theirs);
  await (await phone.call()).hangUp();
  await expectEvent(call, "track-stopped", theirs);
});

test("session data is shared", async () => {
  const [ann, ben] = [await join(room), await join(room)];
  ann.setMeetingSessionData({ topic: "phones" });
  await expectEvent(ben, "meeting-session-state-updated", {
    meetingSessionState: ({ data }) => data?.topic === "phones",
  });
  expect(ben.meetingSessionState()).toMatchObject({ data: { topic: "phones" } });
});

test("hidden participants are counted but not listed", async () => {
  const other = await daily.createRoom({ enable_hidden_participants: true, permissions: { hasPresence: false } });
  const [owner, hidden] = [await join(other), await join(other, { owner: false })];
  await expectEvent(owner, "participant-counts-updated", { participantCounts: ({ hidden: n }) => n === 1 });
  expect(Object.keys(owner.participants())).toEqual(["local"]);
  expect(hidden.participants().local.permissions.hasPresence).toBe(false);
});
