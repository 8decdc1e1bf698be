/** A Node program on daily-js: `node dials.mjs NUMBER` calls the number, sends the digit 7, and leaves after the call. */
import { JSDOM } from "jsdom";

const { window } = new JSDOM("", { url: "http://127.0.0.1/" });
for (const [name, value] of Object.entries({ window, document: window.document, navigator: window.navigator })) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
await import("daily-telephony-simulator/setup");
const { default: Daily } = await import("@daily-co/daily-js");

const call = Daily.createCallObject();
await call.join({ url: process.env.DAILY_ROOM_URL, token: process.env.DAILY_ROOM_TOKEN });
const stopped = new Promise((resolve) => call.once("dialout-stopped", resolve));
call.once("dialout-answered", ({ sessionId }) => {
  console.log("answered");
  call.sendDTMF({ sessionId, tones: "7" });
});
await call.startDialOut({ phoneNumber: process.argv[2] });
await stopped;
await call.destroy();
window.close();
