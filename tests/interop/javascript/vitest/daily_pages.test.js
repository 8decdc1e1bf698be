/** The code of Daily's pages as it stands there: the guide to telephony with daily-js, and startDialOut(). */
import { expectEvent } from "daily-telephony-simulator";
import { describe, expect, test, vi } from "vitest";

import { daily, join, newNumber, until } from "./calls.js";

const room = await daily.createRoom({ enable_dialout: true, sip: { sip_mode: "dial-in" } });

/** "Example: full dial-out flow" of the guide; `updateUI` keeps what it is given. */
function fullDialOutFlow(call) {
  const shown = [];
  const updateUI = (state) => shown.push(state);

  let activeSessionId = null;

  async function callPhoneNumber(phoneNumber) {
    try {
      const { session } = await call.startDialOut({ phoneNumber });
      if (session) {
        activeSessionId = session.sessionId;
        updateUI({ status: "ringing" });
      }
    } catch (err) {
      console.error("Failed to start dial-out:", err);
      updateUI({ status: "error" });
    }
  }

  call.on("dialout-answered", ({ sessionId }) => {
    if (sessionId === activeSessionId) {
      updateUI({ status: "connected" });
    }
  });

  call.on("dialout-stopped", ({ sessionId }) => {
    if (sessionId === activeSessionId) {
      activeSessionId = null;
      updateUI({ status: "idle" });
    }
  });

  call.on("dialout-error", ({ sessionId, errorMsg }) => {
    if (sessionId === activeSessionId) {
      activeSessionId = null;
      updateUI({ status: "error", message: errorMsg });
    }
  });

  async function endCall() {
    if (activeSessionId) {
      await call.stopDialOut({ sessionId: activeSessionId });
    }
  }

  async function pressKey(key) {
    if (activeSessionId) {
      await call.sendDTMF({ sessionId: activeSessionId, tones: key, method: "auto" });
    }
  }

  return { shown, callPhoneNumber, endCall, pressKey };
}

const [RINGING, CONNECTED, IDLE] = ["ringing", "connected", "idle"].map((status) => ({ status }));

describe("the full dial-out flow of the guide", () => {
  test.each([
    ["rings", [{ ring_ms: 50, then: "answer" }]],
    ["answers at once", ["answer"]],
  ])("with a phone that %s, is sent a key, and hangs up", async (_, calls) => {
    const phone = await daily.phone(newNumber(), { calls });
    const app = fullDialOutFlow(await join(room));
    await app.callPhoneNumber(phone.number);
    const there = await phone.call();
    await until(() => expect(app.shown).toEqual([RINGING, CONNECTED]));
    await app.pressKey("5");
    await there.expectDigits("5");
    await there.hangUp();
    await until(() => expect(app.shown).toEqual([RINGING, CONNECTED, IDLE]));
  });

  test("ended by endCall(), while it rings and after the answer", async () => {
    const phone = await daily.phone(newNumber(), { calls: ["no_answer", "answer"] });
    const call = await join(room);
    const app = fullDialOutFlow(call);
    await app.callPhoneNumber(phone.number);
    await expectEvent(call, "dialout-connected");
    await app.endCall();
    await until(() => expect(app.shown).toEqual([RINGING, IDLE]));
    await app.callPhoneNumber(phone.number);
    await expectEvent(call, "dialout-answered");
    await app.endCall();
    await until(() => expect(app.shown).toEqual([RINGING, IDLE, RINGING, CONNECTED, IDLE]));
  });

  test("with a phone that is busy", async () => {
    const phone = await daily.phone(newNumber(), { calls: ["busy"] });
    const app = fullDialOutFlow(await join(room));
    await app.callPhoneNumber(phone.number);
    const error = { status: "error", message: "DialOut failed with error: 486 Busy Here (busy)" };
    await until(() => expect(app.shown).toEqual([RINGING, error]));
  });

  test("in a room without dial-out", async () => {
    const [failed, warned] = ["error", "warn"].map((name) => vi.spyOn(console, name).mockImplementation(() => {}));
    const app = fullDialOutFlow(await join(await daily.createRoom()));
    await app.callPhoneNumber("+12065550100");
    expect(app.shown).toEqual([{ status: "error" }]);
    expect(failed).toHaveBeenCalledWith("Failed to start dial-out:", "NOT_ALLOWED");
    failed.mockRestore();
    warned.mockRestore();
  });
});

test("the guide's listeners get what they take apart, of calls in both directions", async () => {
  const own = await daily.createRoom({ enable_dialout: true, sip: { codecs: { audio: ["G722"] } } });
  const phone = await daily.phone(newNumber(), { codecs: ["PCMA"], calls: ["answer", "busy"] });
  const call = await join(own);
  const got = {};
  call.on("dialout-connected", ({ sessionId, destination, sipCallId, provider }) => {
    got["dialout-connected"] = { sessionId, destination, sipCallId, provider };
  });
  call.on("dialout-answered", ({ sessionId, destination, callerId, sipCallId }) => {
    got["dialout-answered"] = { sessionId, destination, callerId, sipCallId };
  });
  call.on("dialout-stopped", ({ sessionId, destination }) => {
    got["dialout-stopped"] = { sessionId, destination };
  });
  call.on("dialout-error", ({ sessionId, errorMsg, details }) => {
    got["dialout-error"] = { sessionId, errorMsg, details };
  });
  call.on("dialout-warning", ({ sessionId, errorMsg }) => {
    got["dialout-warning"] = { sessionId, errorMsg };
  });
  call.on("dialin-connected", ({ sessionId, sipFrom, sipCallId, provider }) => {
    got["dialin-connected"] = { sessionId, sipFrom, sipCallId, provider };
  });
  call.on("dialin-stopped", ({ sessionId, sipCallId }) => {
    got["dialin-stopped"] = { sessionId, sipCallId };
  });
  call.on("dialin-error", ({ sessionId, errorMsg, type }) => {
    got["dialin-error"] = { sessionId, errorMsg, type };
  });
  call.on("dialin-warning", ({ sessionId, errorMsg }) => {
    got["dialin-warning"] = { sessionId, errorMsg };
  });
  const { sipEndpoint, provider } = await expectEvent(call, "dialin-ready");
  expect([sipEndpoint, provider]).toEqual([own.config.sip_uri.endpoint, "daily"]);

  const { session } = await call.startDialOut({ phoneNumber: phone.number, codecs: { audio: ["G722"] } });
  await expectEvent(call, "dialout-warning");
  await (await phone.call()).hangUp();
  await expectEvent(call, "dialout-stopped");
  const busy = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-error");
  const there = await phone.dial(sipEndpoint);
  await expectEvent(call, "dialin-warning");
  await there.hangUp();
  await expectEvent(call, "dialin-stopped");
  const gsm = await daily.phone(newNumber(), { codecs: ["GSM"] });
  await gsm.dial(sipEndpoint);
  await expectEvent(call, "dialin-error");

  const text = expect.stringMatching(/./);
  const common = { ...session, destination: phone.number };
  const fallback = "Requested codec unavailable, using fallback (G722 was asked for, PCMA is used)";
  expect(got).toEqual({
    "dialout-connected": { ...common, sipCallId: text, provider: "daily" },
    "dialout-answered": { ...common, sipCallId: got["dialout-connected"].sipCallId, callerId: text },
    "dialout-stopped": common,
    "dialout-warning": { ...session, errorMsg: fallback },
    "dialout-error": { ...busy.session, errorMsg: text, details: { destination: phone.number } },
    "dialin-connected": { sessionId: text, sipFrom: text, sipCallId: text, provider: "daily" },
    "dialin-stopped": { sessionId: text, sipCallId: text },
    "dialin-warning": { sessionId: text, errorMsg: fallback },
    "dialin-error": { sessionId: text, errorMsg: text, type: "start-failed" },
  });
});

test("the guide's session: a call to a SIP URI, digits, and its end", async () => {
  const phone = await daily.phone(null, { uri: "sip:conference@pbx.example.com", codecs: ["OPUS", "PCMU"] });
  const call = await join(room);
  const { session } = await call.startDialOut({
    sipUri: "sip:conference@pbx.example.com",
    displayName: "Conference Bridge",
    video: false,
    codecs: { audio: ["OPUS", "G722"] },
  });

  const sessionId = session?.sessionId;
  await expectEvent(call, "dialout-answered", { sessionId });
  expect(call.participants()[sessionId].user_name).toBe("Conference Bridge");
  await call.sendDTMF({
    sessionId,
    tones: "1234#",
    method: "auto",
    digitDurationMs: 100,
  });
  const there = await phone.call();
  await there.expectDigits("1234#", { method: "telephone-event" });
  await call.stopDialOut({ sessionId });
  await there.expectEnd();
});

describe("the examples of startDialOut()", () => {
  test("a SIP call", async () => {
    const phone = await daily.phone(null, { uri: "sip:bob@example.com" });
    const call = await join(room);
    const { session } = await call.startDialOut({ sipUri: "sip:bob@example.com" });
    await expectEvent(call, "dialout-answered", { ...session, destination: "sip:bob@example.com" });
    expect(call.participants()[session.sessionId].user_name).toBe("bob");
    await (await phone.call()).hangUp();
  });

  test("a SIP video call with a display name", async () => {
    await daily.phone(null, { uri: "sip:boardroom@example.com", video: ["H264"], codecs: ["OPUS"] });
    const call = await join(room);
    const { session } = await call.startDialOut({
      sipUri: "sip:boardroom@example.com",
      video: true,
      displayName: "Board Room",
      codecs: { video: ["H264"], audio: ["OPUS"] },
      videoSettings: { width: 1280, height: 720, fps: 15, videoBitrate: 900 },
    });
    await until(() =>
      expect(call.participants()[session.sessionId]).toMatchObject({
        user_name: "Board Room",
        tracks: { video: { state: "playable" }, audio: { state: "playable" } },
      }),
    );
    await call.stopDialOut(session);
  });

  test("a PSTN call with an extension, which is dialled four seconds later", async () => {
    const phone = await daily.phone("+12268077097");
    const call = await join(room);
    const { session } = await call.startDialOut({
      phoneNumber: "+12268077097",
      displayName: "Support Line",
      extension: "1234",
      waitBeforeExtensionDialSec: 4,
    });
    const { participant } = await expectEvent(call, "participant-joined", {
      participant: ({ session_id }) => session_id === session.sessionId,
    });
    expect(participant.user_name).toBe("Support Line");
    const there = await phone.call();
    await there.expectDigits("1234", { within: 15_000 });
    await call.stopDialOut(session);
  });
});
