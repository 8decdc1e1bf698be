/**
 * A plugin for Vitest: `plugins: [dailyTelephony()]`, with `environment` jsdom or happy-dom.
 *
 * Starts one fake Daily for the run and names it in DAILY_API_URL and DAILY_API_KEY, or uses the one named there.
 * Prepares the environment for daily-js, which then loads the call machine of this package.
 */
export default function dailyTelephony(): { name: string };
