/** daily-js's own behaviour around joining and leaving, as measured with the real service. */
import Daily from "@daily-co/daily-js";
import { expectEvent } from "daily-telephony-simulator";
import { describe, expect, test, vi } from "vitest";

import { daily, join, newCall, newNumber, sessionIdOf, until } from "./calls.js";

const room = await daily.createRoom({ enable_dialout: true });

describe("telephony before join and after leave", () => {
  const verbs = {
    "startDialOut()": (call) => call.startDialOut({ phoneNumber: "+12065550100" }),
    "sendDTMF()": (call) => call.sendDTMF({ sessionId: "x", tones: "1" }),
    "sipCallTransfer()": (call) => call.sipCallTransfer({ sessionId: "x", toEndPoint: "sip:a@127.0.0.1" }),
    "sipRefer()": (call) => call.sipRefer({ sessionId: "x", toEndPoint: "sip:a@127.0.0.1" }),
  };

  test.each(Object.keys(verbs))("%s rejects", async (verb) => {
    const silent = vi.spyOn(console, "error").mockImplementation(() => {});
    const call = newCall();
    await expect(verbs[verb](call)).rejects.toThrow(`${verb} only supported after join.`);
    await call.join({ url: room.url });
    await call.leave();
    await expect(verbs[verb](call)).rejects.toThrow(`${verb} only supported after join.`);
    silent.mockRestore();
  });

  test("stopDialOut() throws at once", () => {
    const silent = vi.spyOn(console, "error").mockImplementation(() => {});
    const call = newCall();
    expect(() => call.stopDialOut({ sessionId: "x" })).toThrow("stopDialOut() only supported after join.");
    silent.mockRestore();
  });
});

test("a call object joins, leaves, and joins again with another session id", async () => {
  const call = await join(room);
  const first = sessionIdOf(call);
  await call.leave();
  expect(call.meetingState()).toBe("left-meeting");
  expect(call.participants()).toEqual({});

  await call.join({ url: room.url, token: await room.ownerToken() });
  expect(sessionIdOf(call)).not.toBe(first);
  const phone = await daily.phone(newNumber());
  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-answered", session);
});

test("a call object can join another room after leaving", async () => {
  const other = await daily.createRoom();
  const call = await join(room);
  await call.leave();
  await call.join({ url: other.url, token: await other.token() });
  const { data } = await daily.rest("GET", `/rooms/${other.name}/presence`);
  expect(data.map(({ id }) => id)).toEqual([sessionIdOf(call)]);
});

test("leaving during a join rejects the join and leaves no participant behind", async () => {
  const other = await daily.createRoom();
  const call = newCall();
  await call.load();
  const joining = call.join({ url: other.url }).catch((error) => error);
  await call.leave();
  expect(call.meetingState()).toBe("left-meeting");
  expect(await joining).toMatch(/left/);
  await until(async () =>
    expect(await daily.rest("GET", `/rooms/${other.name}/presence`)).toMatchObject({ total_count: 0 }),
  );
});

test("join twice warns and resolves with nothing", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const call = await join(room);
  expect(await call.join({ url: room.url })).toBeUndefined();
  expect(warned).toHaveBeenCalledWith(expect.stringMatching(/already joined/));
  warned.mockRestore();
});

test("destroy leaves the room", async () => {
  const [call, other] = [await join(room), await join(room)];
  const gone = sessionIdOf(call);
  await call.destroy();
  await expectEvent(other, "participant-left", { participant: ({ session_id }) => session_id === gone });
  expect(call.isDestroyed()).toBe(true);
  expect(call.callClientId).toBeUndefined();
  await expect(call.join({ url: room.url })).rejects.toThrow("Use after destroy");
});

test("a page that is closed leaves the room at once", async () => {
  const [call, other] = [await join(room), await join(room)];
  const gone = sessionIdOf(call);
  const stays = await join(room);
  window.dispatchEvent(new Event("pagehide"));
  await until(async () => {
    const { data } = await daily.rest("GET", `/rooms/${room.name}/presence`);
    const there = data.map(({ id }) => id);
    expect([gone, sessionIdOf(other), sessionIdOf(stays)].filter((id) => there.includes(id))).toEqual([]);
  });
});

test("a destroyed call object leaves no listener behind", async () => {
  const add = vi.spyOn(window, "addEventListener");
  const remove = vi.spyOn(window, "removeEventListener");
  for (let round = 0; round < 3; round++) {
    await (await join(room)).destroy();
  }
  window.postMessage({}, "*");
  await until(() => {
    const removed = listenersOf(remove);
    expect([...listenersOf(add)].filter((listener) => !removed.has(listener))).toEqual([]);
  });
  add.mockRestore();
  remove.mockRestore();
});

function listenersOf(spy) {
  return new Set(spy.mock.calls.map(([, listener]) => listener));
}

test("a second call object needs allowMultipleCallInstances", async () => {
  newCall();
  expect(() => Daily.createCallObject()).toThrow("Duplicate DailyIframe instances are not allowed");
});

describe("listeners", () => {
  test("one that throws prevents later ones, and the call continues", async () => {
    const logged = vi.spyOn(console, "log").mockImplementation(() => {});
    const call = await join(room);
    const later = vi.fn();
    call.on("app-message", () => {
      throw new Error("mine");
    });
    call.on("app-message", later);
    const other = await join(room);
    other.sendAppMessage({ hello: 1 });
    await expectEvent(call, "app-message");
    expect(later).not.toHaveBeenCalled();
    expect(logged).toHaveBeenCalledWith("could not emit", expect.anything(), expect.anything());
    await call.leave();
    logged.mockRestore();
  });

  test("one that is added twice is called twice, and off removes one", async () => {
    const [call, other] = [await join(room), await join(room)];
    const listener = vi.fn();
    expect(call.on("app-message", listener).on("app-message", listener)).toBe(call);
    other.sendAppMessage({ n: 1 });
    await expectEvent(call, "app-message", { data: { n: 1 } });
    expect(listener).toHaveBeenCalledTimes(2);
    call.off("app-message", listener);
    other.sendAppMessage({ n: 2 });
    await expectEvent(call, "app-message", { data: { n: 2 } });
    expect(listener).toHaveBeenCalledTimes(3);
  });
});
