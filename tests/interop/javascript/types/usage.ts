/** A TypeScript test that uses the package; it only has to compile. */
import Daily, { type DailyEventObjectDialOutAnswered } from "@daily-co/daily-js";
import { DailyHttpError, expectEvent, startDaily, watch, type PhoneCall } from "daily-telephony-simulator";
import dailyTelephony from "daily-telephony-simulator/vitest";
import { defineConfig } from "vitest/config";

export const config = defineConfig({ plugins: [dailyTelephony()], test: { environment: "jsdom" } });

export async function test(): Promise<string> {
  const daily = await startDaily({ settings: { ring_timeout: 5 } });
  await daily.reset({ ring_timeout: 3 });
  const room = await daily.createRoom({ enable_dialout: true }, { privacy: "private" });
  const phone = await daily.phone("+12065550142", { calls: ["busy", { ring_ms: 100, then: "answer" }] });
  const call = watch(Daily.createCallObject());
  await call.join({ url: room.url, token: await room.ownerToken() });

  const answered: DailyEventObjectDialOutAnswered = await expectEvent(call, "dialout-answered", {
    destination: phone.number,
  });
  const { tone, volume } = await expectEvent(call, "dtmf-event", { tone: /[0-9]/ }, { within: 1000 });
  // @ts-expect-error there is no such event
  await expectEvent(call, "dialout-anwsered");

  const there: PhoneCall = await phone.call({ within: 2000 });
  await there.press("12#", { method: "sip-info" });
  await (await there.expectDigits("5", { method: "telephone-event" })).hangUp();
  await daily.cutNetwork(call, 500);
  await daily.rest("GET", "/rooms").catch((error: unknown) => error instanceof DailyHttpError && error.status);
  await daily.stop();
  return `${answered.sessionId} ${tone} ${volume.toFixed()} ${there.ended?.by}`;
}
