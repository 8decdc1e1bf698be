/** daily-react's hooks for telephony. */
import { DailyProvider, useDialOut, useDialin } from "@daily-co/daily-react";
import { act, configure, renderHook, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";

import { daily, join, newNumber } from "./calls.js";

configure({ asyncUtilTimeout: 20_000 });

const room = await daily.createRoom({
  enable_dialout: true,
  sip: { sip_mode: "dial-in", display_name: "Caller", codecs: { audio: ["PCMU"] } },
});

function inCall(call) {
  return { wrapper: ({ children }) => <DailyProvider callObject={call}>{children}</DailyProvider> };
}

function statusesIn({ sessions }) {
  return Object.fromEntries(Object.entries(sessions).map(([sessionId, { status }]) => [sessionId, status]));
}

test("useDialOut follows a call", async () => {
  const phone = await daily.phone(newNumber(), { calls: ["busy", "wait"] });
  const call = await join(room);
  const { result } = renderHook(() => useDialOut(), inCall(call));
  const statuses = () => statusesIn(result.current);

  const busy = await act(() => result.current.startDialOut({ phoneNumber: phone.number }));
  await waitFor(() => expect(statuses()[busy.session.sessionId]).toBe("error"));
  const { session } = await act(() => result.current.startDialOut({ phoneNumber: phone.number }));
  await waitFor(() => expect(statuses()[session.sessionId]).toBe("connected"));
  await phone.call();
  await (await phone.call()).answer();
  await waitFor(() => expect(statuses()[session.sessionId]).toBe("answered"));
  await act(() => result.current.stopDialOut(session));
  await waitFor(() => expect(statuses()[session.sessionId]).toBe("stopped"));
});

test("useDialin knows the SIP endpoint and the caller", async () => {
  const call = await join(room);
  const { result } = renderHook(() => useDialin(), inCall(call));
  await call.leave();
  await act(async () => call.join({ url: room.url, token: await room.ownerToken() }));
  await waitFor(() => expect(result.current.isReady).toBe(true));
  expect(result.current.sipEndpoint).toMatch(/^sip:/);

  const caller = await daily.phone(newNumber());
  const there = await caller.dial(result.current.sipEndpoint);
  await waitFor(() => expect(Object.values(statusesIn(result.current))).toEqual(["connected"]));
  await there.hangUp();
  await waitFor(() => expect(Object.values(statusesIn(result.current))).toEqual(["stopped"]));
});
