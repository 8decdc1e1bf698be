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
 * Fixtures for `test.extend(fixtures)`: `daily`, a fake Daily that is reset after each test; pages whose daily-js loads
 * this package's call machine; and a Chromium with a simulated microphone and camera.
 */
export const fixtures: Fixtures<
  { daily: Daily },
  { fakeDaily: Daily },
  PlaywrightTestArgs,
  PlaywrightWorkerOptions
>;

/**
 * Wait until a tone is the loudest frequency that an audio or video element plays; the element may receive its stream
 * later. `within` is in ms, 5000 by default. Rejects with an error that names the sound played instead.
 */
export function expectTone(element: Locator, hz: number, options?: { within?: number }): Promise<void>;

/**
 * Answer daily-js's requests for its call machine, at all URLs of Daily's CDN, with this package's call machine. Error
 * reports of daily-js are intercepted, too.
 */
export function serveCallMachine(target: Page | BrowserContext): Promise<void>;

/**
 * Chromium switches for unattended media: a simulated microphone and camera without a permission prompt, autoplay
 * without a user gesture, and WebRTC on a machine without a network.
 */
export const chromiumArgs: string[];
