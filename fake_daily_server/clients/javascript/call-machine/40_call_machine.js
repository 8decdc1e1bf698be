/** One call object of daily-js: joins, leaves, and tells it what happens in the room. */
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
    /** Wishes about layers; kept and told, and without effect. @type {Fields} */
    this.receiveSettings = {};
    /** What join() was called with. @type {Fields} */
    this.properties = {};
    /** @type {RoomConnection | null} */
    this.connection = null;
    this.media = new CallMedia({
      store: this.store,
      request: (method, params) => this.request(method, params),
      post: (event) => this.post(event),
      sharedTracks: () => this.instance?.tracks ?? {},
      changed: (sessionId) => this.participantChanged(sessionId),
      me: () => this.sessionId,
    });
  }

  /** daily-js's side of it; undefined once the call object is destroyed. */
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
      throw unreachable(`${method}: not in a call; join first`);
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
      event: (event) => this.connection === connection && this.happened(event),
      media: (frame) => this.connection === connection && this.media.received(frame),
      interrupted: () => this.interrupted(),
      resumed: () => this.resumed(),
      lost: (why) => this.fail("connection-error", why),
    });
    this.connection = connection;
    try {
      await connection.join(
        given({ token: properties.token, userName: properties.userName, userData: properties.userData }),
      );
    } catch (refused) {
      if (this.connection !== connection) {
        throw unreachable("the meeting was left before it was joined");
      }
      const { error, info } = /** @type {Refusal} */ (refused);
      this.fail(error, info);
    }
  }

  /** Also in the middle of joining. */
  async leave() {
    const left = this.connection?.leave();
    this.connection = null;
    this.end();
    await left;
    this.post({ action: "left-meeting" });
  }

  /** A fatal error ends the call; the shape is daily-js's `DailyEventObjectFatalError`.
   * @param {string} type
   * @param {string} msg
   */
  fail(type, msg) {
    this.end();
    this.post({ action: "error", errorMsg: msg, error: { type, msg } });
    this.post({ action: "left-meeting" });
  }

  /** As before joining. */
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

  /** @param {MachineEvent} event an event of the signalling */
  happened(event) {
    const tell = EVENTS[event.action];
    if (tell) {
      tell(this, event);
    } else {
      this.post(event);
    }
  }

  /** @param {ServerParticipant} participant */
  shown(participant) {
    return dailyParticipant(participant, this.media.tracks(participant));
  }

  /**
   * @param {string} action
   * @param {ServerParticipant} participant
   */
  tellParticipant(action, participant) {
    this.participants.set(participant.session_id, participant);
    this.post({ action, participant: this.shown(participant) });
  }

  /** @param {string} sessionId whose tracks are others now */
  participantChanged(sessionId) {
    const participant = this.participants.get(sessionId);
    if (participant) {
      this.tellParticipant("participant-updated", participant);
    }
  }
}

/**
 * Events that are more than passed on. Everybody present comes as `participant-joined`, before or after
 * `joined-meeting`, which tells of the local participant only: https://docs.daily.co/reference/daily-js/instance-methods/join
 *
 * @type {{[action: string]: (call: CallMachine, event: MachineEvent) => void}}
 */
const EVENTS = {
  "joined-meeting": (call, event) => {
    const { local, ...others } = event.participants;
    call.sessionId = local.session_id;
    call.participants.set(local.session_id, local);
    call.post({ action: "network-connection", type: "signaling", event: "connected" });
    call.post({ action: "access-state-updated", access: { level: "full" } });
    call.post({ action: "joined-meeting", participants: { local: call.shown(local) } });
    for (const participant of Object.values(others)) {
      call.tellParticipant("participant-joined", participant);
    }
    call.media.joined();
  },
  "participant-joined": (call, event) => call.tellParticipant("participant-joined", event.participant),
  "participant-updated": (call, { participant }) => {
    if (participant.local) {
      call.media.silenced(participant);
    }
    call.tellParticipant("participant-updated", participant);
  },
  "participant-left": (call, event) => {
    call.participants.delete(event.participant.session_id);
    call.post({ ...event, participant: call.shown(event.participant) });
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
  // The call object has been told by whoever ended it.
  "left-meeting": () => {},
};

/**
 * @template {Fields} T
 * @param {T} fields
 * @returns {T} without those that are undefined
 */
function given(fields) {
  return /** @type {T} */ (Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}
