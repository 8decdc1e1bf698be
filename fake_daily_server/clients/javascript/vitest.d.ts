/**
 * A plugin for Vitest: `plugins: [dailyTelephony()]`, with `environment` jsdom or happy-dom.
 *
 * Starts one fake Daily for the test run and sets DAILY_API_URL and DAILY_API_KEY to it, or uses the one they name.
 * Prepares the environment for daily-js, which then loads this package's call machine.
 */
export default function dailyTelephony(): { name: string };
