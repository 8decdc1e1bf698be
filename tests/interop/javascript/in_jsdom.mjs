/** The real daily-js in a jsdom window in Node, without a test runner. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { JSDOM } from "jsdom";

const require = createRequire(import.meta.url);
const simulator = "../../../fake_daily_server/clients/javascript";
const { installDomPolyfills } = require(`${simulator}/dom_polyfills.cjs`);
const { interceptCallMachine } = require(`${simulator}/call_machine_interception.cjs`);

/** Returns `Daily` of a new window, with the call machine of this project. */
export function dailyInJsdom() {
  const { window } = new JSDOM("", { url: "http://127.0.0.1/", runScripts: "outside-only", pretendToBeVisual: true });
  window.fetch = fetch;
  installDomPolyfills(window);
  interceptCallMachine(window);
  window.eval(readFileSync(require.resolve("@daily-co/daily-js/dist/daily.js"), "utf8"));
  return window.Daily;
}
