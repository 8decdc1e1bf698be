/**
 * The sound and pictures of one call: this client's devices, the connection with the room, and the others' tracks.
 *
 * Without RTCPeerConnection (Node) there is no connection: devices have their states, and the others' tracks the
 * states that the server tells, and carry nothing.
 */
class CallMedia {
  /** @param {MediaHost} host */
  constructor(host) {
    this.host = host;
    this.devices = new LocalDevices(host.sharedTracks, (kind) => this.deviceChanged(kind), host.post);
    this.added = new AddedTracks(host, (name, track) => this.trackAdded(name, track));
    this.subscriptions = new Subscriptions();
    this.remote = new RemoteTracks(host.store.streams, this.subscriptions, host.changed);
    /** @type {MediaConnection | null} */
    this.connection = null;
    this.statistics = new NetworkStatistics();
    this.levels = new LevelObservers(
      async () => this.connection?.statistics(),
      () => this.connection?.speakers ?? new Map(),
      host.post,
    );
    /** Whether devices were chosen for this call; what the app says after that counts. */
    this.prepared = false;
    this.inCall = false;
    this.lost = false;
    /** Whether sound has ever come through: a connection that never worked is not tried again. */
    this.worked = false;
    /** What the server was asked for last. */
    this.asked = "";
    /** Offers are answered one after the other. @type {Promise<void>} */
    this.answering = Promise.resolve();
    /** Replies to what daily-js asks of devices and tracks, by action. */
    this.actions = mediaActions(this);
  }

  /**
   * A join begins, or startCamera() before it.
   *
   * @param {Fields} properties of daily-js
   * @param {Fields} preloadCache of daily-js
   */
  prepare({ startAudioOff, startVideoOff }, preloadCache) {
    if (this.prepared) return;
    this.prepared = true;
    const { audio, video } = this.devices;
    audio.on = startAudioOff === undefined ? null : !startAudioOff;
    video.on = startVideoOff === undefined ? null : !startVideoOff;
    audio.allowed = preloadCache.allowLocalAudio !== false;
    video.allowed = preloadCache.allowLocalVideo !== false;
    audio.settings = preloadCache.inputSettings?.audio?.settings ?? {};
    video.settings = preloadCache.inputSettings?.video?.settings ?? {};
    this.subscriptions.automatic = preloadCache.subscribeToTracksAutomatically !== false;
    const { localAudioLevelObserver: mine, remoteParticipantsAudioLevelObserver: theirs } = preloadCache;
    if (mine?.enabled) this.levels.start("local", mine.interval);
    if (theirs?.enabled) this.levels.start("remote", theirs.interval);
  }

  /** `joined-meeting` was posted: the room's sound may come, and devices are opened as the token or the room has it. */
  joined() {
    this.inCall = true;
    this.storeLocal();
    this.host.changed(this.me);
    this.connect();
    void this.beginAsTheRoomHasIt();
  }

  async beginAsTheRoomHasIt() {
    const { me } = this;
    try {
      const { config, tokenConfig } = await this.host.request("room", {});
      if (this.me === me) await this.begin({ ...config, ...tokenConfig });
    } catch (error) {
      if (this.me !== me) return;
      // The connection was cut; the next question waits until it is back.
      if (/** @type {any} */ (error).error === "connection-error") await this.beginAsTheRoomHasIt();
      else this.report(error);
    }
  }

  /**
   * Open the devices that are wanted.
   *
   * @param {{start_audio_off?: boolean, start_video_off?: boolean}} defaults where the app has said nothing
   * @returns {Promise<void>} when all of them are open, or have failed
   */
  async begin({ start_audio_off, start_video_off }) {
    const { audio, video } = this.devices;
    audio.on ??= !start_audio_off;
    video.on ??= !start_video_off;
    this.deviceChanged("audio");
    this.deviceChanged("video");
    await this.devices.open();
  }

  /** @param {MediaFrame} frame `{"media": …}` of the signalling */
  received(frame) {
    if (frame.failed !== undefined) this.failed(frame.failed);
    else if (this.connection) this.answer(/** @type {MediaOffer} */ (frame), this.connection);
  }

  /**
   * @param {ServerParticipant} participant
   * @returns {{[name: string]: TrackState}} its tracks as daily-js shall see them
   */
  tracks({ session_id, local, tracks: served }) {
    const tracks = withoutIds(served);
    if (local) {
      const [audio, video] = [this.devices.audio, this.devices.video];
      return {
        ...tracks,
        audio: localTrackState(audio, tracks.audio, this.inCall),
        video: localTrackState(video, tracks.video, this.inCall),
      };
    }
    if (!canConnect() && !standInForTracks(this.remote, session_id, tracks)) return tracks;
    const states = Object.entries(tracks).map(([name, track]) => {
      const subscribed = this.subscriptions.of(session_id, name);
      return [name, remoteTrackState(this.remote.get(session_id, name), track, subscribed, this.lost)];
    });
    return Object.fromEntries(states);
  }

  /**
   * An administrator has switched this client's microphone or camera off; the app may switch it on again.
   *
   * @param {ServerParticipant} me
   */
  silenced({ tracks }) {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const device = this.devices[kind];
      const silenced = tracks[kind].off?.byRemoteRequest === true;
      if (silenced && !device.silenced && device.on) this.devices.set(kind, false, { by: "byRemoteRequest" });
      device.silenced = silenced;
    }
  }

  /** @param {string} sessionId somebody who has left */
  forget(sessionId) {
    this.remote.forget(sessionId);
  }

  /** The signalling is lost; the server lets go of the media too. */
  interrupted() {
    this.lost = true;
    this.disconnect();
    this.remote.changedAll();
  }

  /** The signalling is back. */
  resumed() {
    this.connect();
    if (this.connection) return;
    this.lost = false;
    this.remote.changedAll();
  }

  /** The call is over: nothing of it stays open. Can be repeated. */
  left() {
    this.prepared = this.inCall = this.lost = this.worked = false;
    this.levels.stop("local");
    this.levels.stop("remote");
    this.disconnect();
    this.remote.clear();
    this.subscriptions.clear();
    this.devices.reset();
    this.added.clear();
    delete this.host.store.local.streams.cam;
  }

  /**
   * @param {string} sessionId
   * @param {any} wish `setSubscribedTracks` of updateParticipant
   */
  subscribe(sessionId, wish) {
    this.subscriptions.set(sessionId, wish);
    this.subscribed();
  }

  /** Other tracks are wanted than before. */
  subscribed() {
    this.host.store.local.public.subscribedTracks = this.subscriptions.asStored();
    this.remote.store();
    this.remote.changedAll();
  }

  /** @param {boolean} on */
  setLocalAudio(on) {
    this.devices.set("audio", on);
  }

  /** @param {boolean} on */
  setLocalVideo(on) {
    this.devices.set("video", on);
  }

  get me() {
    return this.host.me() ?? "";
  }

  /** @param {MediaKind} kind */
  deviceChanged(kind) {
    this.storeLocal();
    if (!this.inCall) return;
    this.connection?.send(kind, this.devices[kind].track).catch((error) => this.report(error));
    this.ask();
    this.host.changed(this.me);
  }

  storeLocal() {
    const { audio, video } = this.devices;
    this.host.store.local.streams.cam = /** @type {any} */ ({
      stream: {
        getAudioTracks: () => (audio.track ? [audio.track] : []),
        getVideoTracks: () => (video.track ? [video.track] : []),
      },
    });
  }

  connect() {
    if (!canConnect()) return;
    /** @type {MediaConnection} */
    const connection = new MediaConnection({
      request: (method, params) => this.host.request(method, params),
      arranged: (tracks) => this.arranged(tracks),
      connected: () => this.connected(),
      report: (error) => connection === this.connection && this.report(error),
    });
    this.connection = connection;
    for (const kind of /** @type {const} */ (["audio", "video"])) void connection.send(kind, this.devices[kind].track);
    for (const [name, track] of this.added.tracks) void connection.send(name, track);
    this.asked = "";
    this.ask();
  }

  disconnect() {
    this.connection?.close();
    this.connection = null;
  }

  /** Tell the server what this client sends and wants, when that has changed. */
  ask() {
    const { connection } = this;
    if (!connection) return;
    const { audio, video } = this.devices;
    const wish = {
      receive: "participants",
      receiveVideo: true,
      audio: audio.wanted && audio.track !== null,
      video: video.wanted && video.track !== null,
      screenVideo: this.added.screen !== null,
      tracks: this.added.custom,
    };
    const asked = JSON.stringify(wish);
    if (asked === this.asked) return;
    this.asked = asked;
    this.host.request("setMedia", wish).catch((error) => connection === this.connection && this.report(error));
  }

  /**
   * A track beside microphone and camera has come, or gone.
   *
   * @param {string} name
   * @param {MediaStreamTrack | null} track
   */
  trackAdded(name, track) {
    this.connection?.send(name, track).catch((error) => this.report(error));
    this.ask();
  }

  /**
   * @param {MediaOffer} offer
   * @param {MediaConnection} connection
   */
  answer(offer, connection) {
    this.answering = this.answering.then(async () => {
      if (connection !== this.connection) return;
      try {
        await connection.answer(offer);
      } catch (error) {
        if (connection === this.connection) this.report(error);
      }
    });
  }

  /** @param {Map<TrackSource, MediaStreamTrack>} tracks */
  arranged(tracks) {
    this.lost = false;
    this.remote.arrange(tracks);
  }

  connected() {
    this.worked = true;
    this.host.post({ action: "network-connection", type: "sfu", event: "connected", session_id: this.me });
  }

  /** @param {string} why the server has given the connection up */
  failed(why) {
    if (!this.connection) return;
    this.report(why);
    this.host.post({ action: "network-connection", type: "sfu", event: "interrupted", session_id: this.me });
    this.lost = true;
    this.disconnect();
    this.remote.changedAll();
    if (this.worked) {
      this.worked = false;
      this.connect();
    }
  }

  /** @param {any} error */
  report(error) {
    console.error(`No sound or pictures from the fake Daily: ${error?.info ?? error?.message ?? error}`);
  }
}
