const RETRY_AFTER_MS = 100;

/** A participant's way to its room: one socket, and another one when that is cut in the middle of a meeting. */
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
    /** What resumes the participant after a cut, and for how long. @type {{sessionId: string, key: string, withinMs: number} | null} */
    this.ticket = null;
    this.joined = false;
    this.over = false;
    /** False before the join and during a cut. */
    this.up = false;
    /** Events that came before the answer to `join` or `resume`, which make sense only after it. @type {MachineEvent[]} */
    this.held = [];
    /** Events of this stay; the server sends the others again after a cut. */
    this.received = 0;
    /** Requests wait for this; settled unless the connection is cut. @type {Promise<void>} */
    this.ready = Promise.resolve();
  }

  /**
   * @param {Fields} params
   * @returns {Promise<Fields>} the result of `join`; rejects with a `Refusal`
   */
  async join(params) {
    this.socket = this.connect(() => this.cut());
    await this.socket.opened;
    const result = await this.socket.request("join", { ...params, reconnectable: true });
    const { reconnect, participants } = result;
    this.ticket = reconnect ? { ...reconnect, sessionId: participants.local.session_id } : null;
    this.joined = true;
    this.release();
    return result;
  }

  /**
   * @param {string} method
   * @param {Fields} [params]
   * @returns {Promise<any>} the result; rejects with a `Refusal`. During a cut it waits.
   */
  async request(method, params) {
    await this.ready;
    if (this.over || !this.socket) {
      throw unreachable(`${method}: the call is over`);
    }
    return this.socket.request(method, params);
  }

  /** Leave, so that the server has done it when this is done; during a cut nobody can be told. */
  async leave() {
    if (this.joined && this.up) {
      this.over = true;
      await this.socket?.request("leave").catch(() => {});
    }
    this.close();
  }

  /** End it for good; the server takes it as leaving. */
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
          this.release();
        }
      },
      media: (frame) => this.listener.media(frame),
      closed,
    });
  }

  /** Tell what has come, in order. */
  release() {
    this.up = true;
    for (const event of this.held.splice(0)) {
      this.listener.event(event);
    }
  }

  /** The socket is closed, and not by this side. A join that it interrupts is rejected. */
  cut() {
    if (this.over || !this.joined) {
      return;
    }
    if (!this.ticket) {
      this.lose("the connection to the room was cut");
      return;
    }
    this.up = false;
    this.listener.interrupted();
    this.ready = this.resume(this.ticket);
  }

  /** @param {string} why */
  lose(why) {
    this.over = true;
    this.listener.lost(why);
  }

  /** @param {{sessionId: string, key: string, withinMs: number}} ticket */
  async resume({ sessionId, key, withinMs }) {
    const until = Date.now() + withinMs;
    let why = `the connection to the room was cut and could not be restored within ${withinMs} ms`;
    while (!this.over && Date.now() < until) {
      try {
        await this.resumeOnce(sessionId, key);
        return;
      } catch (refused) {
        const { error, info } = /** @type {Refusal} */ (refused);
        if (error === "gone") {
          why = info;
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
      }
    }
    if (!this.over) {
      this.lose(why);
    }
  }

  /**
   * @param {string} sessionId
   * @param {string} key
   */
  async resumeOnce(sessionId, key) {
    let resumed = false;
    this.socket = this.connect(() => resumed && this.cut());
    await this.socket.opened;
    if (this.over) {
      this.socket.close();
      return;
    }
    await this.socket.request("resume", { sessionId, key, received: this.received });
    resumed = true;
    this.listener.resumed();
    this.release();
  }
}
