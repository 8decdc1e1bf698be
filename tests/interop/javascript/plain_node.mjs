/** A program without a test runner, for `python -m fake_daily_server exec`: it ends by itself after its calls. */
import { JSDOM } from "jsdom";

const { window } = new JSDOM("", { url: "http://127.0.0.1/" });
for (const [name, value] of Object.entries({ window, document: window.document, navigator: window.navigator })) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
await import("daily-telephony-simulator/setup");
const { default: Daily } = await import("@daily-co/daily-js");

const room = { url: process.env.DAILY_ROOM_URL, token: process.env.DAILY_ROOM_TOKEN };
const left = Daily.createCallObject();
await left.join(room);
const message = new Promise((resolve) => left.once("app-message", resolve));
const open = Daily.createCallObject({ allowMultipleCallInstances: true });
await open.join(room);
open.sendAppMessage("hello");
console.log("heard", (await message).data);
await left.destroy();
window.close();
