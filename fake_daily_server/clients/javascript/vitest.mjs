import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SETUP = here("./setup.mjs");

/**
 * A plugin for Vitest: `plugins: [dailyTelephony()]`, with `environment` jsdom or happy-dom.
 *
 * Starts one fake Daily for the test run and sets DAILY_API_URL and DAILY_API_KEY to it, or uses the one they name.
 * Prepares the environment for daily-js, which then loads this package's call machine.
 */
export default function dailyTelephony() {
  return {
    name: "daily-telephony-simulator",
    config: () => ({
      test: {
        globalSetup: [here("./global-setup.cjs")],
        setupFiles: [SETUP],
        // A linked package is outside node_modules and would otherwise be transformed like the application.
        server: { deps: { external: [startingWith(here("./"))] } },
      },
    }),
    // Vite serves only files below its root.
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
