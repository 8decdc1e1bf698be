/** A call that a test leaves open ends with the window of the test file, so Jest does not hang. */
const Daily = require("@daily-co/daily-js");
const { startDaily } = require("daily-telephony-simulator");

test("leaves a call open", async () => {
  const daily = await startDaily();
  const room = await daily.createRoom();
  const call = Daily.createCallObject();
  await call.join({ url: room.url });
  expect(call.meetingState()).toBe("joined-meeting");
});
