/**
 * A plugin for Vitest: `plugins: [dailyTelephony()]`, with `environment` jsdom or happy-dom.
 *
 * Starts one fake Daily for the run, named in DAILY_API_URL and DAILY_API_KEY (or uses the one named there), and lets
 * daily-js run in the environment and load its call machine from this package.
 */
export default function dailyTelephony(): { name: string };
