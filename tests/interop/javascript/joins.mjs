/** Joins and leaves a room repeatedly: `node joins.mjs ROOM_URL TOKEN TIMES` prints the duration of each join in ms. */
import { dailyInJsdom } from "./in_jsdom.mjs";

const [url, token, times] = process.argv.slice(2);
const Daily = dailyInJsdom();
for (let done = 0; done < Number(times); done += 1) {
  const began = performance.now();
  const call = Daily.createCallObject();
  await call.join({ url, token });
  console.log(JSON.stringify({ ms: performance.now() - began }));
  await call.leave();
  await call.destroy();
}
process.exit(0);
