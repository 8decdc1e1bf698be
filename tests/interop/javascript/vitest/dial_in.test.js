/** Dial-in, digits in both directions, and transfers. */
import { expectEvent } from "daily-telephony-simulator";
import { describe, expect, test } from "vitest";

import { daily, join, newNumber } from "./calls.js";

const room = await daily.createRoom({ enable_dialout: true, sip: { sip_mode: "dial-in", display_name: "Caller" } });

async function answeredCaller() {
  const call = await join(room);
  const { sipEndpoint } = await expectEvent(call, "dialin-ready");
  const caller = await daily.phone(newNumber(), { refers: "follow" });
  const there = await caller.dial(sipEndpoint, { headers: { "X-Order": "42" } });
  const connected = await expectEvent(call, "dialin-connected");
  const { sessionId } = connected;
  const { participant } = await expectEvent(call, "participant-joined", {
    participant: (its) => its.session_id === sessionId,
  });
  await there.expectAnswer();
  return { call, there, connected, participant, sessionId };
}

describe("a caller", () => {
  test("connects, joins and hangs up", async () => {
    const { call, there, connected, participant, sessionId } = await answeredCaller();
    expect(connected).toMatchObject({
      provider: "daily",
      sipHeaders: { "X-Order": "42" },
      callClientId: call.callClientId,
    });
    expect(participant).toMatchObject({
      user_name: "Caller",
      participantType: "sip-dial-in",
      tracks: { audio: { state: "playable" } },
    });

    await there.hangUp();
    await expectEvent(call, "dialin-stopped", { sessionId, sipCallId: connected.sipCallId });
  });

  test("without a common codec is refused with dialin-error", async () => {
    const call = await join(room);
    const { sipEndpoint } = await expectEvent(call, "dialin-ready");
    const caller = await daily.phone(newNumber(), { codecs: ["GSM"] });
    const there = await caller.dial(sipEndpoint);
    expect((await there.expectEnd()).ended).toMatchObject({ status: 488 });
    await expectEvent(call, "dialin-error", { type: "start-failed" });
  });

  test("whose phone lacks the codec that the room wants comes with a dialin-warning", async () => {
    const wants = await daily.createRoom({ sip: { sip_mode: "dial-in", codecs: { audio: ["G722"] } } });
    const call = await join(wants);
    const { sipEndpoint } = await expectEvent(call, "dialin-ready");
    const caller = await daily.phone(newNumber(), { codecs: ["PCMA"] });
    await caller.dial(sipEndpoint);
    const { sessionId } = await expectEvent(call, "dialin-connected");
    const warning = await expectEvent(call, "dialin-warning", { sessionId });
    expect(warning.errorMsg).toContain("G722");
  });

  test("sends digits, by telephone-event and by SIP INFO", async () => {
    const { call, there, sessionId } = await answeredCaller();
    await there.press("1#", { method: "telephone-event" });
    await there.press("5", { method: "sip-info" });
    expect(await expectEvent(call, "dtmf-event", { sessionId, tone: "1" })).toMatchObject({
      method: "telephone-event",
    });
    await expectEvent(call, "dtmf-event", { sessionId, tone: "#", method: "telephone-event" });
    await expectEvent(call, "dtmf-event", { sessionId, tone: "5", method: "sip-info" });
  });

  test("receives the digits of sendDTMF", async () => {
    const { call, there, sessionId } = await answeredCaller();
    const options = { sessionId, tones: "12#", method: "telephone-event", digitDurationMs: 100 };
    expect(await call.sendDTMF(options)).toEqual({ callClientId: call.callClientId });
    await there.expectDigits("12#", { method: "telephone-event" });

    const defaults = { sessionId, tones: "3" };
    await call.sendDTMF(defaults);
    expect(defaults).toEqual({ sessionId, tones: "3", method: "auto", digitDurationMs: 500 });
    await there.expectDigits("3");
  });
});

test("a caller hears a dialled participant, but not while it is muted", async () => {
  const { call, there } = await answeredCaller();
  const agent = await daily.phone(newNumber());
  const { session } = await call.startDialOut({ phoneNumber: agent.number });
  await expectEvent(call, "dialout-answered", session);
  await (await agent.call()).hum(440);
  await there.expectTone(440);
  call.updateParticipant(session.sessionId, { setAudio: false });
  await there.expectSilence(0.3);
});

describe("a call is transferred", () => {
  test("by sipCallTransfer to a number", async () => {
    const agent = await daily.phone(newNumber());
    const { call, sessionId } = await answeredCaller();
    const options = { sessionId, toEndPoint: agent.number };
    expect(await call.sipCallTransfer(options)).toEqual({ callClientId: call.callClientId });
    expect(options.useSipRefer).toBe(false);
    expect((await agent.call()).state).not.toBe("ended");
    await expectEvent(call, "participant-left", { participant: (its) => its.session_id === sessionId });
  });

  test("by sipRefer to a SIP address", async () => {
    const agent = await daily.phone();
    const { call, sessionId } = await answeredCaller();
    expect(await call.sipRefer({ sessionId, toEndPoint: agent.uri })).toEqual({ callClientId: call.callClientId });
    await agent.call();
    await expectEvent(call, "dialin-stopped", { sessionId });
  });

  test("not to a number by sipRefer, and not without a session", async () => {
    const call = await join(room);
    await expect(call.sipRefer({ sessionId: "x", toEndPoint: "+12065550100" })).rejects.toThrow(
      '"toEndPoint" must be a "sip" address',
    );
    await expect(call.sipCallTransfer({ sessionId: "x", toEndPoint: "sip:a@127.0.0.1" })).rejects.toMatch(
      /no telephony session 'x'/,
    );
  });
});
