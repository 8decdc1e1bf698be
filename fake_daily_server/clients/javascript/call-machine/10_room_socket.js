/** One WebSocket at a room URL: sends requests, and receives their answers and events (docs/signalling.md). */
class RoomSocket {
  /**
   * @param {string} roomUrl `http://host:port/<room>`
   * @param {{event(event: MachineEvent): void, media(frame: MediaFrame): void, closed(): void}} listener
   */
  constructor(roomUrl, listener) {
    this.listener = listener;
    this.nextId = 1;
    /** @type {Map<number, {resolve(result: any): void, reject(refusal: Refusal): void}>} */
    this.pending = new Map();
    this.socket = openSocket(socketUrl(roomUrl));
    /** Resolves once requests can be sent; rejects if the server cannot be reached. @type {Promise<void>} */
    this.opened = new Promise((resolve, reject) => {
      this.socket.onopen = () => resolve();
      this.socket.onclose = () => {
        reject(connectionError(`no fake Daily answers at ${roomUrl}; is it running, and is this the room's URL?`));
        this.rejectPending(connectionError("the connection to the room was lost before the answer arrived"));
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
      this.pending.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Close the connection without calling the listener's `closed`. */
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
      this.settle(frame);
    }
  }

  /** @param {Fields} frame the answer to a request */
  settle({ id, result, error }) {
    const request = this.pending.get(id);
    if (!request) {
      console.warn("The fake Daily could not read a frame:", error);
      return;
    }
    this.pending.delete(id);
    if (error) {
      request.reject(error);
    } else {
      request.resolve(result);
    }
  }

  /** @param {Refusal} refusal */
  rejectPending(refusal) {
    const requests = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of requests) {
      reject(refusal);
    }
  }
}

/**
 * @param {string} info
 * @returns {Refusal} a refusal with daily-js's error type for a server that cannot be reached
 */
function connectionError(info) {
  return { status: 0, error: "connection-error", info };
}

/**
 * @param {string} url
 * @returns {WebSocket} an instance of the class that this package's test set-up installs, or of the environment's own
 */
function openSocket(url) {
  const Socket =
    /** @type {any} */ (globalThis)[Symbol.for("daily-telephony-simulator.WebSocket")] ?? globalThis.WebSocket;
  if (!Socket) {
    throw connectionError("there is no WebSocket here; let the test runner load daily-telephony-simulator/setup");
  }
  return new Socket(url);
}

/**
 * @param {string} roomUrl
 * @returns {string} the URL of the room's WebSocket; throws a `Refusal` for a room of the real Daily
 */
function socketUrl(roomUrl) {
  const url = new URL(roomUrl);
  if (/(^|\.)(daily\.co|dailywebrtc\.com|dailywebrtc\.net)$/.test(url.hostname)) {
    throw connectionError(`${roomUrl} is a room of the real Daily; join the url of a room of the fake Daily`);
  }
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * Throw a `Refusal` if `roomUrl` is not a URL. A fatal error event must not report it: daily-js would fail on the event
 * and never reject the join.
 *
 * @param {string} roomUrl
 */
function checkUrl(roomUrl) {
  try {
    new URL(roomUrl);
  } catch {
    throw connectionError(
      `${JSON.stringify(roomUrl)} is not the URL of a room; join the url of a room of the fake Daily`,
    );
  }
}
