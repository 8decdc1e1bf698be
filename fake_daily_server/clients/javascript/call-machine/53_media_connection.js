/** One peer connection with the room. The server offers, and says what each section (mid) carries. */
class MediaConnection {
  /**
   * @param {object} owner
   * @param {(method: string, params: Fields) => Promise<any>} owner.request on the signalling
   * @param {(tracks: Map<TrackSource, MediaStreamTrack>) => void} owner.arranged what comes is other than before
   * @param {() => void} owner.connected sound and pictures can flow
   * @param {(error: any) => void} owner.report something was refused
   */
  constructor({ request, arranged, connected, report }) {
    this.request = request;
    this.arranged = arranged;
    this.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [] });
    this.answered = false;
    /** By the track's name. @type {Map<string, RTCRtpSender>} */
    this.senders = new Map();
    /** @type {Map<string, MediaStreamTrack | null>} */
    this.sending = new Map();
    /** Whose voice each section carries: session ids by mid. @type {Map<string, string>} */
    this.speakers = new Map();
    this.pc.addEventListener("icecandidate", ({ candidate }) => this.tell(candidate).catch(report));
    this.pc.addEventListener("connectionstatechange", () => this.pc.connectionState === "connected" && connected());
  }

  get closed() {
    return this.pc.signalingState === "closed";
  }

  /**
   * Send this track from now on; needs no new offer.
   *
   * @param {string} name `audio`, `video`, `screenVideo`, or that of a custom track
   * @param {MediaStreamTrack | null} track
   */
  async send(name, track) {
    this.sending.set(name, track);
    await this.senders.get(name)?.replaceTrack(track);
  }

  /** @param {MediaOffer} message */
  async answer({ offer, upstream, tracks }) {
    await this.pc.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    const transceivers = new Map(this.pc.getTransceivers().map((one) => [one.mid, one]));
    for (const [name, mid] of Object.entries(upstream)) {
      const transceiver = transceivers.get(mid);
      if (transceiver && !this.senders.has(name)) await this.sendOn(name, transceiver);
    }
    await this.pc.setLocalDescription();
    if (this.closed) return;
    const answered = this.request("answerMedia", { number: offer.number, sdp: this.pc.localDescription?.sdp });
    this.answered = true;
    const voices = Object.entries(tracks).filter(([, { kind, name }]) => kind === "audio" && !name);
    this.speakers = new Map(voices.map(([mid, { sessionId }]) => [mid, sessionId]));
    this.arranged(new Map(Object.entries(tracks).map(([mid, source]) => [source, received(transceivers, mid)])));
    await answered;
  }

  /**
   * @param {string} name
   * @param {RTCRtpTransceiver} transceiver
   */
  async sendOn(name, transceiver) {
    transceiver.direction = "sendonly";
    this.senders.set(name, transceiver.sender);
    await transceiver.sender.replaceTrack(this.sending.get(name) ?? null);
  }

  /** @param {RTCIceCandidate | null} candidate one that was not in the answer yet */
  async tell(candidate) {
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
 * @returns {MediaStreamTrack} what comes in a section
 */
function received(transceivers, mid) {
  const transceiver = transceivers.get(mid);
  if (!transceiver) throw new Error(`the offer has no section ${mid}, which it says carries a track`);
  return transceiver.receiver.track;
}

/** Whether there is WebRTC here; Node has none. */
function canConnect() {
  return typeof RTCPeerConnection !== "undefined";
}
