/** Dial-out as in Daily's guide for daily-js. */
import { expectEvent, startDaily } from "daily-telephony-simulator";
import { describe, expect, test, vi } from "vitest";

import { daily, join, newNumber, sessionIdOf } from "./calls.js";

const room = await daily.createRoom({ enable_dialout: true });

describe("a phone number", () => {
  test("rings, is answered, joins, and hangs up", async () => {
    const phone = await daily.phone(newNumber(), { calls: [{ ring_ms: 50, then: "answer" }] });
    const call = await join(room);

    const { session, callClientId } = await call.startDialOut({ phoneNumber: phone.number, displayName: "Support" });
    expect(callClientId).toBe(call.callClientId);
    const { sessionId } = session;
    const connected = await expectEvent(call, "dialout-connected", { sessionId });
    expect(connected).toMatchObject({ action: "dialout-connected", destination: phone.number, callClientId });
    expect(connected.sipCallId).toBeTypeOf("string");
    await expectEvent(call, "participant-joined", { participant: ({ session_id }) => session_id === sessionId });
    expect(call.participants()[sessionId]).toMatchObject({
      user_name: "Support",
      participantType: "pstn-dial-out",
      local: false,
    });
    await expectEvent(call, "dialout-answered", { sessionId, sipCallId: connected.sipCallId });
    expect(call.participantCounts()).toEqual({ present: 2, hidden: 0 });

    const there = await phone.call();
    await there.hangUp();
    await expectEvent(call, "dialout-stopped", { sessionId });
    await expectEvent(call, "participant-left", { participant: ({ session_id }) => session_id === sessionId });
    expect(Object.keys(call.participants())).toEqual(["local"]);
  });

  test("that is busy causes dialout-error, and is called again", async () => {
    const phone = await daily.phone(newNumber(), { calls: ["busy", "answer"] });
    const call = await join(room);

    const first = await call.startDialOut({ phoneNumber: phone.number });
    const error = await expectEvent(call, "dialout-error", { sessionId: first.session.sessionId });
    expect(error.errorMsg).toMatch(/busy/i);
    expect(error.details).toMatchObject({ destination: phone.number });
    const second = await call.startDialOut({ phoneNumber: phone.number });
    await expectEvent(call, "dialout-answered", { sessionId: second.session.sessionId });
    expect(second.session.sessionId).not.toBe(first.session.sessionId);
  });

  test("is hung up by stopDialOut, which resolves with the callClientId only", async () => {
    const phone = await daily.phone(newNumber());
    const call = await join(room);

    const { session } = await call.startDialOut({ phoneNumber: phone.number });
    await expectEvent(call, "dialout-answered", session);
    expect(await call.stopDialOut(session)).toEqual({ callClientId: call.callClientId });
    await expectEvent(call, "dialout-stopped", session);
    await (await phone.call()).expectEnd();
  });
});

test("a SIP URI's parameters become headers, and the provider is that of the server", async () => {
  const phone = await daily.phone();
  const call = await join(room);

  const options = { sipUri: `${phone.uri}?X-Order=42` };
  const { session } = await call.startDialOut(options);
  expect(options.provider).toBe("signalwire");
  await expectEvent(call, "dialout-answered", { ...session, provider: "daily" });
  expect((await phone.call()).headers).toMatchObject({ "X-Order": "42" });
  expect(call.participants()[session.sessionId].participantType).toBe("sip-dial-out");
});

test("a codec that the phone does not support causes dialout-warning", async () => {
  const phone = await daily.phone(null, { codecs: ["PCMU"] });
  const call = await join(room);

  const { session } = await call.startDialOut({ sipUri: phone.uri, codecs: { audio: ["G722"] } });
  const { errorMsg } = await expectEvent(call, "dialout-warning", session);
  expect(errorMsg).toMatch(/G722/);
  await expectEvent(call, "dialout-answered", session);
});

test("the dialled participant is muted, unmuted and ejected", async () => {
  const phone = await daily.phone(newNumber());
  const call = await join(room);
  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-answered", session);
  const seen = ({ session_id, tracks }) => session_id === session.sessionId && tracks.audio.state;

  call.updateParticipant(session.sessionId, { setAudio: false });
  await expectEvent(call, "participant-updated", { participant: (its) => seen(its) === "off" });
  call.updateParticipant(session.sessionId, { setAudio: true });
  await expectEvent(call, "participant-updated", { participant: (its) => seen(its) === "playable" });
  call.updateParticipant(session.sessionId, { eject: true });
  await expectEvent(call, "dialout-stopped", session);
});

describe("a dial-out is refused", () => {
  test("with NOT_ALLOWED and without an event if the room does not allow it", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const call = await join(await daily.createRoom());

    await expect(call.startDialOut({ phoneNumber: "+12065550100" })).rejects.toBe("NOT_ALLOWED");
    expect(warned.mock.calls.flat().join()).toMatch(/enable_dialout/);
    await expect(expectEvent(call, "dialout-error", {}, { within: 50 })).rejects.toThrow(/Expected {2}dialout-error/);
    warned.mockRestore();
  });

  test("with TEMPORARILY_NOT_AVAILABLE without a free worker, DIALOUT_IN_PROGRESS if one at a time may", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const own = await startDaily({ settings: { most_gateway_workers: 1, max_sip_pstn_sessions_per_room: 9 } });
    try {
      const busy = await join(await own.createRoom({ enable_dialout: true }));
      const phones = await Promise.all([1, 2, 3, 4, 5].map(() => own.phone(newNumber())));
      for (const { number } of phones.slice(0, 4)) {
        const { session } = await busy.startDialOut({ phoneNumber: number });
        await expectEvent(busy, "dialout-answered", session);
      }
      await expect(busy.startDialOut({ phoneNumber: phones[4].number })).rejects.toBe("TEMPORARILY_NOT_AVAILABLE");

      await own.reset({ concurrent_dialouts: false });
      const [first, second] = [await own.phone(newNumber(), { calls: ["no_answer"] }), await own.phone(newNumber())];
      const call = await join(await own.createRoom({ enable_dialout: true }));
      await call.startDialOut({ phoneNumber: first.number });
      await expect(call.startDialOut({ phoneNumber: second.number })).rejects.toBe("DIALOUT_IN_PROGRESS");
    } finally {
      await own.stop();
      warned.mockRestore();
    }
  });

  test("without an owner's token", async () => {
    const call = await join(room, { owner: false });
    await expect(call.startDialOut({ phoneNumber: "+12065550100" })).rejects.toMatch(/owner/);
  });

  test("for a session that does not exist", async () => {
    const call = await join(room);
    await expect(call.stopDialOut({ sessionId: sessionIdOf(call) })).rejects.toMatch(/^NOT_FOUND: no telephony session/);
  });
});

test("options for a phone number cannot be reused, because daily-js has added a provider to them", async () => {
  const phone = await daily.phone(newNumber(), { calls: ["busy"] });
  const call = await join(room);
  const options = { phoneNumber: phone.number };
  await call.startDialOut(options);
  await expect(call.startDialOut(options)).rejects.toThrow("provider valid only for sipUri, not phoneNumber");
});
