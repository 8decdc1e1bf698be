// The browser phone of examples/, tested with @playwright/test and this project's JavaScript package.
import { test as base, expect } from "@playwright/test";
import { expectTone, fixtures } from "daily-telephony-simulator/playwright";

const test = base.extend(fixtures);

test("a page calls a phone and sends digits", async ({ page, daily }) => {
  const room = await daily.createRoom({ enable_dialout: true });
  const desk = await daily.phone("+12065550142", { calls: [{ ring_ms: 100, then: "answer" }] });

  await page.goto(`?${new URLSearchParams({ room: room.url, token: await room.ownerToken() })}`);
  await expect(page.locator("#status")).toHaveText("Ready");
  await expect(page.getByText("microphone playable")).toBeVisible();

  await page.getByLabel("Number").fill(desk.number);
  await page.getByRole("button", { name: "Call" }).click();
  await expect(page.locator("#status")).toHaveText("In a call");
  const call = await desk.call();
  for (const key of ["4", "2", "#"]) await page.getByRole("button", { name: key, exact: true }).click();
  await call.expectDigits("42#", { method: "telephone-event" });

  const sound = page.locator("audio");
  await call.hum(440);
  await expectTone(sound, 440);
  const another = expectTone(sound, 700, { within: 200 });
  await expect(another).rejects.toThrow(/plays 700 Hz .*\n.*its loudest tone was 4[34]\d Hz/);

  await call.hangUp();
  await expect(page.locator("#status")).toHaveText("The call is over");
});

test("each test has a reset Daily", async ({ daily }) => {
  await daily.phone("+12065550142"); // the number of the test before is free again
});
