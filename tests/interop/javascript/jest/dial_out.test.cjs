/** The package under Jest, which uses CommonJS, another sandbox, and has no fetch. */
const Daily = require("@daily-co/daily-js");
const { expectEvent, startDaily } = require("daily-telephony-simulator");

/** @type {import("daily-telephony-simulator").Daily} */
let daily;
let call;

beforeAll(async () => {
  daily = await startDaily();
});
afterEach(() => call.destroy());

test("dials out, sends digits and hangs up", async () => {
  const phone = await daily.phone("+12065550142");
  const room = await daily.createRoom({ enable_dialout: true });
  call = Daily.createCallObject();
  await call.join({ url: room.url, token: await room.ownerToken() });

  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-answered", session);
  await call.sendDTMF({ ...session, tones: "12#", method: "telephone-event", digitDurationMs: 80 });
  await (await phone.call()).expectDigits("12#");
  await call.stopDialOut(session);
  expect(await expectEvent(call, "dialout-stopped", session)).toMatchObject({ destination: phone.number });
});

test("returns an event that came before the wait", async () => {
  const room = await daily.createRoom();
  call = Daily.createCallObject();
  await call.join({ url: room.url });
  expect(await expectEvent(call, "joined-meeting")).toMatchObject({ callClientId: call.callClientId });
});

test("a refused join rejects with the fatal error", async () => {
  const room = await daily.createRoom({}, { privacy: "private" });
  call = Daily.createCallObject();
  call.on("error", () => {});
  await expect(call.join({ url: room.url })).rejects.toMatchObject({ error: { type: "not-allowed" } });
});
