/** One WebSocket at a room URL: requests with answers, and what the server pushes (docs/signalling.md). */
class RoomSocket {
  /**
   * @param {string} roomUrl `http://host:port/<room>`
   * @param {{event(event: MachineEvent): void, media(frame: MediaFrame): void, closed(): void}} listener
   */
  constructor(roomUrl, listener) {
    this.listener = listener;
    this.nextId = 1;
    /** @type {Map<number, {resolve(result: any): void, reject(refusal: Refusal): void}>} */
    this.unanswered = new Map();
    this.socket = openSocket(socketUrl(roomUrl));
    /** Resolves when requests can be sent; rejects when the server cannot be reached. @type {Promise<void>} */
    this.opened = new Promise((resolve, reject) => {
      this.socket.onopen = () => resolve();
      this.socket.onclose = () => {
        reject(unreachable(`no fake Daily answers at ${roomUrl}; is it running, and is this the room's URL?`));
        this.fail(unreachable("the connection to the room was cut before the answer came"));
        this.listener.closed();
      };
    });
    this.socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
  }

  /**
   * @param {string} method
   * @param {Fields} [params]
   * @returns {Promise<any>} the result; rejects with a `Refusal`
   */
  request(method, params = {}) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.unanswered.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Close it as somebody who leaves; `closed` of the listener is not called. */
  close() {
    this.listener = { event() {}, media() {}, closed() {} };
    this.socket.close(1000);
  }

  /** @param {Fields} frame */
  receive(frame) {
    if (frame.event) {
      this.listener.event(frame.event);
    } else if (frame.media) {
      this.listener.media(frame.media);
    } else {
      this.answer(frame);
    }
  }

  /** @param {Fields} frame */
  answer({ id, result, error }) {
    const waiting = this.unanswered.get(id);
    if (!waiting) {
      console.warn("The fake Daily could not read a frame:", error);
      return;
    }
    this.unanswered.delete(id);
    if (error) {
      waiting.reject(error);
    } else {
      waiting.resolve(result);
    }
  }

  /** @param {Refusal} refusal */
  fail(refusal) {
    const waiting = [...this.unanswered.values()];
    this.unanswered.clear();
    for (const { reject } of waiting) {
      reject(refusal);
    }
  }
}

/**
 * @param {string} info
 * @returns {Refusal} with daily-js's word for a server that cannot be reached
 */
function unreachable(info) {
  return { status: 0, error: "connection-error", info };
}

/**
 * @param {string} url
 * @returns {WebSocket} the one that the test set-up of this package brings, or else that of the environment
 */
function openSocket(url) {
  const Socket =
    /** @type {any} */ (globalThis)[Symbol.for("daily-telephony-simulator.WebSocket")] ?? globalThis.WebSocket;
  if (!Socket) {
    throw unreachable("there is no WebSocket here; let the test runner load daily-telephony-simulator/setup");
  }
  return new Socket(url);
}

/**
 * @param {string} roomUrl
 * @returns {string} the address of the room's WebSocket; throws a `Refusal` for a room that is not of a fake Daily
 */
function socketUrl(roomUrl) {
  const url = new URL(roomUrl);
  if (/(^|\.)(daily\.co|dailywebrtc\.com|dailywebrtc\.net)$/.test(url.hostname)) {
    throw unreachable(`${roomUrl} is a room of the real Daily; join the url that the fake Daily gave for its room`);
  }
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * Throws a `Refusal` for what is no URL at all; as a fatal error daily-js would stumble over it, and never reject the join.
 *
 * @param {string} roomUrl
 */
function checkUrl(roomUrl) {
  try {
    new URL(roomUrl);
  } catch {
    throw unreachable(
      `${JSON.stringify(roomUrl)} is not the URL of a room; join the url that the fake Daily gave for its room`,
    );
  }
}
