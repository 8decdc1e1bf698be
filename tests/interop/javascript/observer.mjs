/**
 * The real daily-js in a room, in a process of its own: `node observer.mjs ROOM_URL TOKEN`.
 *
 * It prints its participants when it has joined, then each event, as lines of JSON. It does what app messages tell it
 * ({do: "press", settings} sends digits, {do: "look"} prints its participants anew, {do: "leave"} ends it).
 */
import { dailyInJsdom } from "./in_jsdom.mjs";

const [url, token] = process.argv.slice(2);
const call = dailyInJsdom().createCallObject();
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
