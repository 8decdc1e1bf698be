/** The peer connection to the room. The server sends the offers, which name the source of each media section (mid). */
class MediaConnection {
  /**
   * @param {object} owner
   * @param {(method: string, params: Fields) => Promise<any>} owner.request sends a signalling request
   * @param {(tracks: Map<TrackSource, MediaStreamTrack>) => void} owner.received called with all tracks of the room
   * @param {() => void} owner.connected called once media can flow
   * @param {(error: any) => void} owner.report called with the refusal of a request
   */
  constructor({ request, received, connected, report }) {
    this.request = request;
    this.received = received;
    this.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [] });
    this.answered = false;
    /** Senders, by track name. @type {Map<string, RTCRtpSender>} */
    this.senders = new Map();
    /** Tracks to send, by track name. @type {Map<string, MediaStreamTrack | null>} */
    this.sending = new Map();
    /** The session id of the participant whose voice each section carries, by mid. @type {Map<string, string>} */
    this.speakers = new Map();
    this.pc.addEventListener("icecandidate", ({ candidate }) => this.sendCandidate(candidate).catch(report));
    this.pc.addEventListener("connectionstatechange", () => this.pc.connectionState === "connected" && connected());
  }

  get closed() {
    return this.pc.signalingState === "closed";
  }

  /**
   * Send `track` as the client's track `name`, or nothing if it is null. Needs no new offer.
   *
   * @param {string} name `audio`, `video`, `screenVideo`, or the name of a custom track
   * @param {MediaStreamTrack | null} track
   */
  async send(name, track) {
    this.sending.set(name, track);
    await this.senders.get(name)?.replaceTrack(track);
  }

  /** @param {MediaOffer} message */
  async answer({ offer, upstream, tracks }) {
    await this.pc.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    const transceivers = new Map(this.pc.getTransceivers().map((transceiver) => [transceiver.mid, transceiver]));
    for (const [name, mid] of Object.entries(upstream)) {
      const transceiver = transceivers.get(mid);
      if (transceiver && !this.senders.has(name)) await this.addSender(name, transceiver);
    }
    await this.pc.setLocalDescription();
    if (this.closed) return;
    const answered = this.request("answerMedia", { number: offer.number, sdp: this.pc.localDescription?.sdp });
    this.answered = true;
    const voices = Object.entries(tracks).filter(([, { kind, name }]) => kind === "audio" && !name);
    this.speakers = new Map(voices.map(([mid, { sessionId }]) => [mid, sessionId]));
    this.received(new Map(Object.entries(tracks).map(([mid, source]) => [source, receivedTrack(transceivers, mid)])));
    await answered;
  }

  /**
   * @param {string} name
   * @param {RTCRtpTransceiver} transceiver
   */
  async addSender(name, transceiver) {
    transceiver.direction = "sendonly";
    this.senders.set(name, transceiver.sender);
    await transceiver.sender.replaceTrack(this.sending.get(name) ?? null);
  }

  /** @param {RTCIceCandidate | null} candidate a candidate found after the answer; null at the end */
  async sendCandidate(candidate) {
    if (!candidate?.candidate || !this.answered || this.closed) return;
    const { candidate: line, sdpMid, sdpMLineIndex, usernameFragment } = candidate;
    await this.request("addMediaCandidate", { candidate: line, sdpMid, sdpMLineIndex, usernameFragment });
  }

  statistics() {
    return this.pc.getStats();
  }

  close() {
    this.pc.close();
  }
}

/**
 * @param {Map<string | null, RTCRtpTransceiver>} transceivers by mid
 * @param {string} mid
 * @returns {MediaStreamTrack} the received track of the section `mid`
 */
function receivedTrack(transceivers, mid) {
  const transceiver = transceivers.get(mid);
  if (!transceiver) throw new Error(`the offer lists a track for mid ${mid}, but its SDP has no such media section`);
  return transceiver.receiver.track;
}

/** Whether the environment has WebRTC, which Node lacks. */
function hasWebRtc() {
  return typeof RTCPeerConnection !== "undefined";
}
