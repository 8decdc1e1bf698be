import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SETUP = here("./setup.mjs");

/**
 * A plugin for Vitest: `plugins: [dailyTelephony()]`, with `environment` jsdom or happy-dom.
 *
 * Starts one fake Daily for the run and names it in DAILY_API_URL and DAILY_API_KEY, or uses the one named there.
 * Prepares the environment for daily-js, which then loads the call machine of this package.
 */
export default function dailyTelephony() {
  return {
    name: "daily-telephony-simulator",
    config: () => ({
      test: {
        globalSetup: [here("./global-setup.cjs")],
        setupFiles: [SETUP],
        // A linked package is outside node_modules, and would be transformed as a part of the application.
        server: { deps: { external: [startingWith(here("./"))] } },
      },
    }),
    // Vite serves files below its root only.
    load: (/** @type {string} */ id) => (id === SETUP ? readFileSync(SETUP, "utf8") : undefined),
  };
}

/** @param {string} folder */
function startingWith(folder) {
  return new RegExp(`^${folder.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
}

/** @param {string} file */
function here(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
