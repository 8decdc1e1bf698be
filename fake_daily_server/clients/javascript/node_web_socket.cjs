"use strict";
/**
 * The call machine's WebSocket in Node: RFC 6455 for text messages, based on Node's HTTP client.
 *
 * Node 20 has no WebSocket, and the one of newer versions of jsdom does not work inside Vitest and Jest.
 */

const { randomBytes } = require("node:crypto");
const http = require("node:http");
const https = require("node:https");

const CONTINUATION = 0;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
/** The close code "going away", for a page that is closed (RFC 6455 §7.4.1). */
const GOING_AWAY = 1001;
const FIN = 0x80;
const MASKED = 0x80;

/** The part of the browser's `WebSocket` API that the call machine uses. */
class NodeWebSocket {
  /** @param {string} url `ws:` or `wss:` */
  constructor(url) {
    /** @type {(() => void) | null} */
    this.onopen = null;
    /** @type {((event: {data: string}) => void) | null} */
    this.onmessage = null;
    /** @type {((event: {code: number}) => void) | null} */
    this.onclose = null;
    this.received = Buffer.alloc(0);
    /** The payloads received so far of a fragmented message. @type {Buffer[]} */
    this.parts = [];
    this.code = 1006;
    /** @type {import("node:net").Socket | null} */
    this.stream = null;
    this.request = this.upgrade(url);
  }

  /** @param {string} url */
  upgrade(url) {
    const { get } = url.startsWith("wss:") ? https : http;
    const key = randomBytes(16).toString("base64");
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": key,
      "sec-websocket-version": "13",
    };
    const request = get(url.replace(/^ws/, "http"), { headers, agent: false });
    request.on("upgrade", (_, stream, first) => this.opened(/** @type {import("node:net").Socket} */ (stream), first));
    request.on("response", (refusal) => {
      refusal.resume();
      this.ended();
    });
    request.on("error", () => this.ended());
    return request;
  }

  /** @param {import("node:net").Socket} stream @param {Buffer} first */
  opened(stream, first) {
    this.stream = stream;
    stream.setNoDelay(true);
    stream.on("data", (bytes) => this.read(bytes));
    stream.on("error", () => {});
    stream.on("close", () => this.ended());
    this.onopen?.();
    this.read(first);
  }

  ended() {
    const { onclose } = this;
    this.onclose = null;
    onclose?.({ code: this.code });
  }

  /** @param {string} text */
  send(text) {
    this.write(TEXT, Buffer.from(text));
  }

  /** Close the connection; as in a browser, no message is delivered afterwards. @param {number} code */
  close(code) {
    this.onmessage = null;
    if (!this.stream) {
      this.request.destroy();
      return;
    }
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.write(CLOSE, payload);
    this.stream.end();
  }

  /** Close the connection of a closed window, without callbacks and without keeping the process alive. */
  abandon() {
    this.onclose = null;
    this.close(GOING_AWAY);
    this.stream?.unref();
  }

  /** @param {number} opcode @param {Buffer} payload */
  write(opcode, payload) {
    const mask = randomBytes(4);
    const masked = payload.map((byte, index) => byte ^ mask[index % 4]);
    this.stream?.write(Buffer.concat([Buffer.from([FIN | opcode]), lengthBytes(payload.length), mask, masked]));
  }

  /** @param {Buffer} bytes */
  read(bytes) {
    this.received = Buffer.concat([this.received, bytes]);
    for (let frame = firstFrame(this.received); frame; frame = firstFrame(this.received)) {
      this.received = this.received.subarray(frame.size);
      this.receive(frame);
    }
  }

  /** @param {Frame} frame */
  receive({ opcode, last, payload }) {
    if (opcode === TEXT || opcode === CONTINUATION) {
      this.parts.push(payload);
      if (last) {
        this.onmessage?.({ data: Buffer.concat(this.parts.splice(0)).toString() });
      }
    } else if (opcode === PING) {
      this.write(PONG, payload);
    } else if (opcode === CLOSE) {
      this.code = payload.length >= 2 ? payload.readUInt16BE() : 1005;
      this.write(CLOSE, payload);
      this.stream?.end();
    }
  }
}

/** @typedef {{opcode: number, last: boolean, payload: Buffer, size: number}} Frame */

/** @param {Buffer} bytes @returns {Frame | null} null if the frame is not complete */
function firstFrame(bytes) {
  if (bytes.length < 2) {
    return null;
  }
  const short = bytes[1] & 0x7f;
  const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  if (bytes.length < start) {
    return null;
  }
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + length) {
    return null;
  }
  const payload = bytes.subarray(start, start + length);
  return { opcode: bytes[0] & 0x0f, last: (bytes[0] & FIN) !== 0, payload, size: start + length };
}

/** @param {number} length @returns {Buffer} the payload length field of a masked frame (RFC 6455 §5.2) */
function lengthBytes(length) {
  if (length < 126) {
    return Buffer.from([MASKED | length]);
  }
  const bytes = Buffer.alloc(length < 65_536 ? 3 : 9);
  bytes[0] = MASKED | (length < 65_536 ? 126 : 127);
  if (length < 65_536) {
    bytes.writeUInt16BE(length, 1);
  } else {
    bytes.writeBigUInt64BE(BigInt(length), 1);
  }
  return bytes;
}

/**
 * Install the call machine's WebSocket. An open call keeps the process alive until its window is closed, which closes
 * the connection, as in a browser. Jest closes the window after each test file; otherwise Jest would not end if a test
 * leaves a call open.
 *
 * @param {any} scope the global object in which the call machine will run
 */
function installWebSocket(scope) {
  /** @type {Set<NodeWebSocket>} */
  const open = new Set();
  let closed = false;
  scope[Symbol.for("daily-telephony-simulator.WebSocket")] = class extends NodeWebSocket {
    /** @param {string} url */
    constructor(url) {
      super(url);
      open.add(this);
      if (closed) {
        this.abandon();
      }
    }

    ended() {
      open.delete(this);
      super.ended();
    }
  };
  const { window } = scope;
  const close = window.close;
  window.close = () => {
    closed = true;
    for (const socket of open) {
      socket.abandon();
    }
    close.call(window);
  };
}

module.exports = { NodeWebSocket, installWebSocket };
