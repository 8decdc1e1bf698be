/** Lost connections. */
import { expectEvent } from "daily-telephony-simulator";
import { expect, onTestFinished, test } from "vitest";

import { daily, join, newCall, newNumber, sessionIdOf, until } from "./calls.js";

const room = await daily.createRoom({ enable_dialout: true });
const interrupted = { type: "signaling", event: "interrupted" };
const connected = { type: "signaling", event: "connected" };

test("a short interruption is reported, and no event is missed", async () => {
  const phone = await daily.phone(newNumber());
  const [call, other] = [await join(room), await join(room)];
  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-answered", session);
  await expectEvent(call, "network-connection", connected);
  const me = sessionIdOf(call);

  await daily.cutNetwork(call, 300);
  await expectEvent(call, "network-connection", interrupted);
  other.sendAppMessage({ n: 1 });
  other.sendAppMessage({ n: 2 });
  const there = await phone.call();
  await there.press("7");
  await expectEvent(call, "network-connection", connected);
  await expectEvent(call, "app-message", { data: { n: 1 } });
  await expectEvent(call, "app-message", { data: { n: 2 } });
  await expectEvent(call, "dtmf-event", { tone: "7" });

  expect(sessionIdOf(call)).toBe(me);
  expect(call.meetingState()).toBe("joined-meeting");
  await call.stopDialOut(session);
  await expectEvent(call, "dialout-stopped", session);
});

test("requests during an interruption are carried out after it", async () => {
  const [call, other] = [await join(room), await join(room)];
  await daily.cutNetwork(call, 200);
  await expectEvent(call, "network-connection", interrupted);
  expect(await call.setUserName("Later")).toMatchObject({ userName: "Later" });
  await expectEvent(other, "participant-updated", { participant: ({ user_name }) => user_name === "Later" });
});

test("two interruptions in a row", async () => {
  const [call, other] = [await join(room), await join(room)];
  for (const n of [1, 2]) {
    await daily.cutNetwork(call, 50);
    await expectEvent(call, "network-connection", interrupted);
    other.sendAppMessage({ n });
    await expectEvent(call, "app-message", { data: { n } });
  }
});

test("leaving during an interruption ends the call at once", async () => {
  const call = await join(room);
  await daily.cutNetwork(call, 3000);
  await expectEvent(call, "network-connection", interrupted);
  await call.leave();
  expect(call.meetingState()).toBe("left-meeting");
});

test("a connection that stays lost causes a fatal error", async () => {
  const [call, other] = [await join(room), await join(room)];
  const me = sessionIdOf(call);
  await daily.cutNetwork(call, 60_000);
  await expectEvent(call, "network-connection", interrupted);
  const { error } = await expectEvent(call, "error", {}, { within: 15_000 });
  expect(error).toMatchObject({ type: "connection-error" });
  await expectEvent(call, "left-meeting");
  await expectEvent(
    other,
    "participant-left",
    { participant: ({ session_id }) => session_id === me },
    { within: 15_000 },
  );
});

test("a room that is deleted during an interruption", async () => {
  const call = newCall();
  const short = await daily.createRoom();
  await call.join({ url: short.url });
  await daily.cutNetwork(call, 200);
  await expectEvent(call, "network-connection", interrupted);
  await daily.rest("DELETE", `/rooms/${short.name}`);
  await expectEvent(call, "left-meeting");
});

test("the microphone is opened although the connection is lost right after the join", async () => {
  const name = Symbol.for("daily-telephony-simulator.WebSocket");
  const Socket = globalThis[name];
  let cuts = 0;
  globalThis[name] = class extends Socket {
    send(text) {
      super.send(text);
      if (JSON.parse(text).method === "room" && cuts++ === 0) {
        this.stream.destroy();
      }
    }
  };
  onTestFinished(() => {
    globalThis[name] = Socket;
  });
  const call = await join(room, { videoSource: false });
  await expectEvent(call, "network-connection", interrupted);
  await until(() => expect(call.participants().local.tracks.audio.state).toBe("playable"));
  expect(cuts).toBe(2);
});
