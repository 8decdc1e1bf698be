/** Without WebRTC: tracks are as the server says, and nothing is heard or seen. */
class CallMedia {
  /** @param {Fields} call */
  constructor(call) {
    this.call = call;
    /** @type {{[action: string]: (message: ActionMessage) => any}} */
    this.actions = {};
  }
  /** @param {Fields} properties @param {Fields} preloadCache */
  prepare(properties, preloadCache) {}
  joined() {}
  /** @param {MediaFrame} frame */
  received(frame) {}
  /** @param {ServerParticipant} participant */
  tracks(participant) {
    return participant.tracks;
  }
  /** @param {string} sessionId */
  forget(sessionId) {}
  interrupted() {}
  resumed() {}
  left() {}
  /** @param {string} sessionId @param {any} settings */
  subscribe(sessionId, settings) {}
  /** @param {boolean} on */
  setLocalAudio(on) {}
  /** @param {boolean} on */
  setLocalVideo(on) {}
}
