import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SETUP = here("./setup.mjs");

/**
 * A plugin for Vitest: `plugins: [dailyTelephony()]`, with `environment` jsdom or happy-dom.
 *
 * Starts one fake Daily for the run, named in DAILY_API_URL and DAILY_API_KEY (or uses the one named there), and lets
 * daily-js run in the environment and load its call machine from this package.
 */
export default function dailyTelephony() {
  return {
    name: "daily-telephony-simulator",
    config: () => ({
      test: {
        globalSetup: [here("./global-setup.cjs")],
        setupFiles: [SETUP],
        // A linked package is not in node_modules, and would be taken for a part of the application.
        server: { deps: { external: [inside(here("./"))] } },
      },
    }),
    // Vite reads files of its own folder only.
    load: (/** @type {string} */ id) => (id === SETUP ? readFileSync(SETUP, "utf8") : undefined),
  };
}

/** @param {string} folder */
function inside(folder) {
  return new RegExp(`^${folder.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
}

/** @param {string} file */
function here(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
