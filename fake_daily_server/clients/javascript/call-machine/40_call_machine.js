/** The call machine of one daily-js call object: joins and leaves rooms, and sends events to daily-js. */
class CallMachine {
  /** @param {string} callClientId */
  constructor(callClientId) {
    this.callClientId = callClientId;
    /** @type {TrackStore} */
    this.store = { local: { streams: {}, public: {} }, streams: {}, participants: {} };
    /** @type {Map<string, ServerParticipant>} */
    this.participants = new Map();
    /** @type {string | null} */
    this.sessionId = null;
    /** @type {Fields} */
    this.meetingSession = {};
    /** The app's receive settings, which are stored and reported but have no effect. @type {Fields} */
    this.receiveSettings = {};
    /** The properties of join(). @type {Fields} */
    this.properties = {};
    /** @type {RoomConnection | null} */
    this.connection = null;
    this.media = new CallMedia({
      store: this.store,
      request: (method, params) => this.request(method, params),
      post: (event) => this.post(event),
      sharedTracks: () => this.instance?.tracks ?? {},
      tracksChanged: (sessionId) => this.tracksChanged(sessionId),
      localSessionId: () => this.sessionId,
    });
  }

  /** daily-js's entry for this call object; undefined once the call object is destroyed. */
  get instance() {
    return window._daily?.instances[this.callClientId];
  }

  /** @param {MachineEvent} event */
  post(event) {
    postToDailyJs(this.callClientId, event);
  }

  /**
   * @param {string} method
   * @param {Fields} [params]
   * @returns {Promise<any>}
   */
  async request(method, params) {
    if (!this.connection) {
      throw connectionError(`${method}: not in a call; join first`);
    }
    return this.connection.request(method, params);
  }

  /**
   * @param {Fields} properties
   * @param {Fields} preloadCache
   */
  async join(properties, preloadCache) {
    checkUrl(properties.url);
    this.properties = properties;
    this.media.prepare(properties, preloadCache);
    /** @type {RoomConnection} */
    const connection = new RoomConnection(properties.url, {
      event: (event) => this.connection === connection && this.eventReceived(event),
      media: (frame) => this.connection === connection && this.media.received(frame),
      interrupted: () => this.interrupted(),
      resumed: () => this.resumed(),
      lost: (reason) => this.fail("connection-error", reason),
    });
    this.connection = connection;
    try {
      await connection.join(
        definedOnly({ token: properties.token, userName: properties.userName, userData: properties.userData }),
      );
    } catch (refused) {
      if (this.connection !== connection) {
        throw connectionError("the meeting was left before it was joined");
      }
      const { error, info } = /** @type {Refusal} */ (refused);
      this.fail(error, info);
    }
  }

  /** Leave the room. May be called during a join. */
  async leave() {
    const left = this.connection?.leave();
    this.connection = null;
    this.end();
    await left;
    this.post({ action: "left-meeting" });
  }

  /**
   * End the call with a fatal error event (daily-js's `DailyEventObjectFatalError`).
   *
   * @param {string} type
   * @param {string} msg
   */
  fail(type, msg) {
    this.end();
    this.post({ action: "error", errorMsg: msg, error: { type, msg } });
    this.post({ action: "left-meeting" });
  }

  /** End the call and restore the state before the join. */
  end() {
    this.connection?.close();
    this.connection = null;
    this.sessionId = null;
    this.participants.clear();
    this.media.left();
  }

  interrupted() {
    this.media.interrupted();
    this.post({ action: "network-connection", type: "signaling", event: "interrupted" });
  }

  resumed() {
    this.post({ action: "network-connection", type: "signaling", event: "connected" });
    this.media.resumed();
  }

  /** @param {MachineEvent} event an event from the server */
  eventReceived(event) {
    const handle = EVENT_HANDLERS[event.action];
    if (handle) {
      handle(this, event);
    } else {
      this.post(event);
    }
  }

  /** @param {ServerParticipant} participant */
  formatted(participant) {
    return dailyParticipant(participant, this.media.tracks(participant));
  }

  /**
   * @param {string} action
   * @param {ServerParticipant} participant
   */
  postParticipant(action, participant) {
    this.participants.set(participant.session_id, participant);
    this.post({ action, participant: this.formatted(participant) });
  }

  /** @param {string} sessionId the participant whose tracks have changed */
  tracksChanged(sessionId) {
    const participant = this.participants.get(sessionId);
    if (participant) {
      this.postParticipant("participant-updated", participant);
    }
  }
}

/**
 * Handlers of the server's events; events without a handler are posted unchanged. `joined-meeting` is posted with only
 * the local participant, and each other one as `participant-joined`, whether it joined earlier or later:
 * https://docs.daily.co/reference/daily-js/instance-methods/join
 *
 * @type {{[action: string]: (call: CallMachine, event: MachineEvent) => void}}
 */
const EVENT_HANDLERS = {
  "joined-meeting": (call, event) => {
    const { local, ...others } = event.participants;
    call.sessionId = local.session_id;
    call.participants.set(local.session_id, local);
    call.post({ action: "network-connection", type: "signaling", event: "connected" });
    call.post({ action: "access-state-updated", access: { level: "full" } });
    call.post({ action: "joined-meeting", participants: { local: call.formatted(local) } });
    for (const participant of Object.values(others)) {
      call.postParticipant("participant-joined", participant);
    }
    call.media.joined();
  },
  "participant-joined": (call, event) => call.postParticipant("participant-joined", event.participant),
  "participant-updated": (call, { participant }) => {
    if (participant.local) {
      call.media.applyRemoteMute(participant);
    }
    call.postParticipant("participant-updated", participant);
  },
  "participant-left": (call, event) => {
    call.participants.delete(event.participant.session_id);
    call.post({ ...event, participant: call.formatted(event.participant) });
    call.media.forget(event.participant.session_id);
  },
  "meeting-session-summary-updated": (call, event) => {
    call.meetingSession = event.meetingSession;
    call.post(event);
  },
  error: (call, event) => {
    call.end();
    call.post(event);
    call.post({ action: "left-meeting" });
  },
  // leave() and fail() post left-meeting themselves.
  "left-meeting": () => {},
};

/**
 * @template {Fields} T
 * @param {T} fields
 * @returns {T} a copy without undefined fields
 */
function definedOnly(fields) {
  return /** @type {T} */ (Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}
