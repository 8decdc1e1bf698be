/**
 * The real daily-js in a room, in a process of its own: `node observer.mjs ROOM_URL TOKEN`.
 *
 * It prints its participants when it has joined, then each event, as lines of JSON. It does what app messages tell it
 * ({do: "press", settings} sends digits, {do: "look"} prints its participants anew, {do: "leave"} ends it).
 */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const require = createRequire(import.meta.url);
const dom = new JSDOM("", { url: "http://127.0.0.1/", runScripts: "outside-only", pretendToBeVisual: true });
dom.window.fetch = fetch;
const package_ = new URL("../../../fake_daily_server/clients/javascript/", import.meta.url);
require(new URL("browser_parts.cjs", package_).pathname).installBrowserParts(dom.window);
require(new URL("interception.cjs", package_).pathname).interceptCallMachine(dom.window);
dom.window.eval(readFileSync(require.resolve("@daily-co/daily-js/dist/daily.js"), "utf8"));

const [url, token] = process.argv.slice(2);
const call = dom.window.Daily.createCallObject();
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const look = () => say({ participants: call.participants() });

const emit = call.emit;
call.emit = function (name, event) {
  say({ event: { ...event, action: name } });
  return emit.call(this, name, event);
};
call.on("app-message", async ({ data }) => {
  if (data.do === "press") await call.sendDTMF(data.settings);
  else if (data.do === "look") look();
  else if (data.do === "leave") await call.destroy().then(() => process.exit(0));
});
await call.join({ url, token, userName: "Page" });
look();
