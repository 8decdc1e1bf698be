const RETRY_AFTER_MS = 100;

/** A participant's connection to its room: a socket, which is replaced if it is lost during a meeting. */
class RoomConnection {
  /**
   * @param {string} roomUrl
   * @param {ConnectionListener} listener
   */
  constructor(roomUrl, listener) {
    this.roomUrl = roomUrl;
    this.listener = listener;
    /** @type {RoomSocket | null} */
    this.socket = null;
    /** The data for resuming the participant on another socket. @type {Resumption | null} */
    this.resumption = null;
    this.joined = false;
    this.over = false;
    /** Whether events are delivered: false before the join and while the connection is lost. */
    this.up = false;
    /** Events that arrived before the answer to `join` or `resume`; delivered after it. @type {MachineEvent[]} */
    this.held = [];
    /** The number of events received since the join, from which `resume` determines the missed ones. */
    this.received = 0;
    /** Requests wait for this promise, which is pending while the connection is being resumed. @type {Promise<void>} */
    this.ready = Promise.resolve();
  }

  /**
   * @param {Fields} params
   * @returns {Promise<Fields>} the result of `join`; rejects with a `Refusal`
   */
  async join(params) {
    this.socket = this.connect(() => this.socketLost());
    await this.socket.opened;
    const result = await this.socket.request("join", { ...params, reconnectable: true });
    const { reconnect, participants } = result;
    this.resumption = reconnect ? { ...reconnect, sessionId: participants.local.session_id } : null;
    this.joined = true;
    this.deliver();
    return result;
  }

  /**
   * @param {string} method
   * @param {Fields} [params]
   * @returns {Promise<any>} the result; rejects with a `Refusal`. Waits while the connection is being resumed.
   */
  async request(method, params) {
    await this.ready;
    if (this.over || !this.socket) {
      throw connectionError(`${method}: the call is over; join again`);
    }
    return this.socket.request(method, params);
  }

  /** Leave the room; if the connection is lost, only stop resuming it. */
  async leave() {
    if (this.joined && this.up) {
      this.over = true;
      await this.socket?.request("leave").catch(() => {});
    }
    this.close();
  }

  /** Leave the room while the page is closed: a browser under load drops the close frame of a socket, not a beacon. */
  leaveWithPage() {
    if (this.resumption && !this.over) {
      const url = new URL(this.roomUrl);
      url.pathname = url.pathname.replace(/\/*$/, "/leave");
      const { sessionId, key } = this.resumption;
      navigator.sendBeacon?.(url, JSON.stringify({ sessionId, key }));
    }
  }

  /** Close the connection without resuming it; the server removes the participant. */
  close() {
    this.over = true;
    this.socket?.close();
  }

  /**
   * @param {() => void} closed
   * @returns {RoomSocket}
   */
  connect(closed) {
    return new RoomSocket(this.roomUrl, {
      event: (event) => {
        this.received++;
        this.held.push(event);
        if (this.up) {
          this.deliver();
        }
      },
      media: (frame) => this.listener.media(frame),
      closed,
    });
  }

  /** Deliver the held events, in order, and later ones at once. */
  deliver() {
    this.up = true;
    for (const event of this.held.splice(0)) {
      this.listener.event(event);
    }
  }

  /** Handle a socket that was closed by the server. The socket itself rejects a join in progress. */
  socketLost() {
    if (this.over || !this.joined) {
      return;
    }
    if (!this.resumption) {
      this.end("the connection to the room was lost");
      return;
    }
    this.up = false;
    this.listener.interrupted();
    this.ready = this.resume(this.resumption);
  }

  /** @param {string} reason */
  end(reason) {
    this.over = true;
    this.listener.lost(reason);
  }

  /** @param {Resumption} resumption */
  async resume({ sessionId, key, withinMs }) {
    const deadline = Date.now() + withinMs;
    let reason = `the connection to the room was lost and could not be restored within ${withinMs} ms`;
    while (!this.over && Date.now() < deadline) {
      try {
        await this.resumeOnce(sessionId, key);
        return;
      } catch (refused) {
        const { error, info } = /** @type {Refusal} */ (refused);
        if (error === "gone") {
          reason = info;
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
      }
    }
    if (!this.over) {
      this.end(reason);
    }
  }

  /**
   * @param {string} sessionId
   * @param {string} key
   */
  async resumeOnce(sessionId, key) {
    let resumed = false;
    this.socket = this.connect(() => resumed && this.socketLost());
    await this.socket.opened;
    if (this.over) {
      this.socket.close();
      return;
    }
    await this.socket.request("resume", { sessionId, key, received: this.received });
    resumed = true;
    this.listener.resumed();
    this.deliver();
  }
}
