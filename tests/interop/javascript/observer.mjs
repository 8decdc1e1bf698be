/**
 * The real daily-js in a room, as a separate process: `node observer.mjs ROOM_URL TOKEN`.
 *
 * Prints its participants after the join, then each event, as lines of JSON. App messages control it: {do: "press",
 * settings} sends digits, {do: "look"} prints its participants again, {do: "leave"} ends it.
 */
import { dailyInJsdom } from "./in_jsdom.mjs";

const [url, token] = process.argv.slice(2);
const call = dailyInJsdom().createCallObject();
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const printParticipants = () => print({ participants: call.participants() });

const emit = call.emit;
call.emit = function (name, event) {
  print({ event: { ...event, action: name } });
  return emit.call(this, name, event);
};
call.on("app-message", async ({ data }) => {
  if (data.do === "press") await call.sendDTMF(data.settings);
  else if (data.do === "look") printParticipants();
  else if (data.do === "leave") await call.destroy().then(() => process.exit(0));
});
await call.join({ url, token, userName: "Page" });
printParticipants();
