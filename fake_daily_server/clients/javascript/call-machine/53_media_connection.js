/** The peer connection with the room. The server makes the offers and says what each section (mid) carries. */
class MediaConnection {
  /**
   * @param {object} owner
   * @param {(method: string, params: Fields) => Promise<any>} owner.request sends a request on the signalling
   * @param {(tracks: Map<TrackSource, MediaStreamTrack>) => void} owner.received takes all tracks that the room sends
   * @param {() => void} owner.connected called when media can flow
   * @param {(error: any) => void} owner.report called when a request was refused
   */
  constructor({ request, received, connected, report }) {
    this.request = request;
    this.received = received;
    this.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [] });
    this.answered = false;
    /** Senders by the name of the track. @type {Map<string, RTCRtpSender>} */
    this.senders = new Map();
    /** Tracks to send, by name. @type {Map<string, MediaStreamTrack | null>} */
    this.sending = new Map();
    /** Session ids of the participants whose voice a section carries, by mid. @type {Map<string, string>} */
    this.speakers = new Map();
    this.pc.addEventListener("icecandidate", ({ candidate }) => this.sendCandidate(candidate).catch(report));
    this.pc.addEventListener("connectionstatechange", () => this.pc.connectionState === "connected" && connected());
  }

  get closed() {
    return this.pc.signalingState === "closed";
  }

  /**
   * Send this track; that needs no new offer.
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

  /** @param {RTCIceCandidate | null} candidate one that the answer did not contain yet */
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
 * @returns {MediaStreamTrack} the track that a section carries
 */
function receivedTrack(transceivers, mid) {
  const transceiver = transceivers.get(mid);
  if (!transceiver) throw new Error(`the offer has no section ${mid}, which it says carries a track`);
  return transceiver.receiver.track;
}

/** Whether the environment has WebRTC; Node has not. */
function hasWebRtc() {
  return typeof RTCPeerConnection !== "undefined";
}
