import type {
  BrowserContext,
  Fixtures,
  Locator,
  Page,
  PlaywrightTestArgs,
  PlaywrightWorkerOptions,
} from "@playwright/test";
import type { Daily } from "./index.js";

/**
 * For `test.extend(fixtures)`: `daily`, a fake Daily that is reset after each test; pages whose daily-js gets the call
 * machine of this package; and a Chromium with a simulated microphone and camera.
 */
export const fixtures: Fixtures<
  { daily: Daily },
  { fakeDaily: Daily },
  PlaywrightTestArgs,
  PlaywrightWorkerOptions
>;

/**
 * Wait until a tone is the loudest frequency that an audio or video element plays; the element may get its stream
 * meanwhile. `within` is in ms, 5000 by default. Rejects with what the element played instead.
 */
export function expectTone(element: Locator, hz: number, options?: { within?: number }): Promise<void>;

/**
 * Answer daily-js's requests for its call machine, at all addresses of Daily's CDN, with that of this package. Error
 * reports of daily-js are answered, too.
 */
export function serveCallMachine(target: Page | BrowserContext): Promise<void>;

/**
 * Switches of Chromium for media without a user: a simulated microphone and camera that need no permission, elements
 * that play without a click, and WebRTC on a machine without a network.
 */
export const chromiumArgs: string[];
