// The phone in a web page of examples/, with @playwright/test and this project's JavaScript package.
import { startDaily } from "daily-telephony-simulator";
import { serveCallMachine } from "daily-telephony-simulator/playwright";
import { expect, test } from "@playwright/test";

let daily;
test.beforeAll(async () => (daily = await startDaily()));
test.afterAll(() => daily.stop());

test("a page calls a phone and sends digits", async ({ page, context }) => {
  const room = await daily.createRoom({ enable_dialout: true });
  const desk = await daily.phone("+12065550142", { calls: [{ ring_ms: 100, then: "answer" }] });

  await serveCallMachine(context);
  const where = new URLSearchParams({ room: room.url, token: await room.ownerToken() });
  await page.goto(`${process.env.PHONE_PAGE}?${where}`);
  await expect(page.locator("#status")).toHaveText("Ready");

  await page.getByLabel("Number").fill(desk.number);
  await page.getByRole("button", { name: "Call" }).click();
  await expect(page.locator("#status")).toHaveText("In a call");
  const call = await desk.call();
  for (const key of ["4", "2", "#"]) await page.getByRole("button", { name: key, exact: true }).click();
  await call.expectDigits("42#", { method: "telephone-event" });

  await call.hangUp();
  await expect(page.locator("#status")).toHaveText("The call is over");
});
