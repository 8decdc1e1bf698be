/** daily-js joins a room and leaves it again and again: `node joins.mjs ROOM_URL TOKEN TIMES` prints the ms of each join. */
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
