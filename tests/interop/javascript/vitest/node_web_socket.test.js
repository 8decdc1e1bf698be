/** The WebSocket for Node, where it has to behave like that of a browser. */
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { expect, test } from "vitest";

const require = createRequire(import.meta.url);
const { NodeWebSocket } = require("../node_modules/daily-telephony-simulator/node_web_socket.cjs");

test("messages that arrive after close() are not delivered", async () => {
  const server = createServer().on("upgrade", (_, stream) => {
    stream.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    stream.write(frame("before"));
    stream.resume().on("end", () => stream.end(frame("after")));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = new NodeWebSocket(`ws://127.0.0.1:${server.address().port}`);
  const received = [];
  await new Promise((closed) => {
    socket.onmessage = ({ data }) => {
      received.push(data);
      socket.close(1000);
    };
    socket.onclose = closed;
  });
  server.close();
  expect(received).toEqual(["before"]);
});

function frame(text) {
  return Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
}
