import type { BrowserContext, Fixtures, Locator, Page, PlaywrightTestArgs, PlaywrightWorkerOptions } from "@playwright/test";
import type { Daily } from "./index.js";

/**
 * For `test.extend(fixtures)`: `daily`, which is as new for each test; pages whose daily-js finds its call machine; and a
 * Chromium that has sound.
 */
export const fixtures: Fixtures<
  { daily: Daily },
  { fakeDaily: Daily },
  PlaywrightTestArgs,
  PlaywrightWorkerOptions
>;

/**
 * Wait until an audio or video element plays a tone, as its loudest sound; it may get its stream meanwhile. `within` is
 * in ms, 5000 when absent. Rejects with what it played instead.
 */
export function expectTone(element: Locator, hz: number, options?: { within?: number }): Promise<void>;

/**
 * Let daily-js get its call machine from this package, at whichever of its addresses it asks; the app is not changed.
 * What it reports to Daily about fatal errors is answered here too.
 */
export function serveCallMachine(target: Page | BrowserContext): Promise<void>;

/**
 * Switches of Chromium for sound without a person: a microphone and a camera that are made up, allowed without being
 * asked for; elements that play without a click; and WebRTC also on a machine that has no network.
 */
export const chromiumArgs: string[];
