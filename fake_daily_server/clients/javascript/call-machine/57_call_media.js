/**
 * The media of one call: this client's devices, the peer connection to the room, and the tracks of other participants.
 *
 * Without RTCPeerConnection (Node) there is no connection and no media: devices have their states, and the tracks of
 * other participants have the states that the server reports.
 */
class CallMedia {
  /** @param {MediaHost} host */
  constructor(host) {
    this.host = host;
    this.devices = new LocalDevices(host.sharedTracks, (kind) => this.deviceChanged(kind), host.post);
    this.added = new AddedTracks(host, (name, track) => this.addedTrackChanged(name, track));
    this.subscriptions = new Subscriptions();
    this.remote = new RemoteTracks(host.store.streams, this.subscriptions, host.tracksChanged);
    /** @type {MediaConnection | null} */
    this.connection = null;
    this.statistics = new NetworkStatistics();
    this.levels = new AudioLevelObservers(
      async () => this.connection?.statistics(),
      () => this.connection?.speakers ?? new Map(),
      host.post,
    );
    /** Whether the initial device settings of this call have been applied, so that later changes take effect. */
    this.prepared = false;
    this.inCall = false;
    this.isInterrupted = false;
    /** Whether the connection was ever established; if not, a failed connection is not retried. */
    this.wasConnected = false;
    /** The parameters of the last `setMedia` request, as JSON. */
    this.requested = "";
    /** Resolves once all offers so far are answered, one after the other. @type {Promise<void>} */
    this.answering = Promise.resolve();
    /** Handlers of daily-js's actions for devices and tracks. */
    this.actions = mediaActions(this);
  }

  /**
   * Apply the initial device settings, at a join or at an earlier startCamera().
   *
   * @param {Fields} properties daily-js's properties of the call
   * @param {Fields} preloadCache daily-js's settings from before the join
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
    const { localAudioLevelObserver: local, remoteParticipantsAudioLevelObserver: remote } = preloadCache;
    if (local?.enabled) this.levels.start("local", local.interval);
    if (remote?.enabled) this.levels.start("remote", remote.interval);
  }

  /** Connect, and open the devices with the defaults of token and room. Called after `joined-meeting` was posted. */
  joined() {
    this.inCall = true;
    this.updateStore();
    this.host.tracksChanged(this.localSessionId);
    this.connect();
    void this.openDevicesWithDefaults();
  }

  async openDevicesWithDefaults() {
    const { localSessionId } = this;
    try {
      const { config, tokenConfig } = await this.host.request("room", {});
      if (this.localSessionId === localSessionId) await this.openDevices({ ...config, ...tokenConfig });
    } catch (error) {
      if (this.localSessionId !== localSessionId) return;
      // If the connection was lost, repeat the request, which then waits until the connection is resumed.
      if (/** @type {any} */ (error).error === "connection-error") await this.openDevicesWithDefaults();
      else this.report(error);
    }
  }

  /**
   * Open the devices that are wanted.
   *
   * @param {{start_audio_off?: boolean, start_video_off?: boolean}} defaults for devices that the app has not set
   * @returns {Promise<void>} resolves once all wanted devices are open or have failed
   */
  async openDevices({ start_audio_off, start_video_off }) {
    const { audio, video } = this.devices;
    audio.on ??= !start_audio_off;
    video.on ??= !start_video_off;
    this.deviceChanged("audio");
    this.deviceChanged("video");
    await this.devices.open();
  }

  /** @param {MediaFrame} frame the content of a `{"media": …}` frame */
  received(frame) {
    if (frame.failed !== undefined) this.failed(frame.failed);
    else if (this.connection) this.answer(/** @type {MediaOffer} */ (frame), this.connection);
  }

  /**
   * @param {ServerParticipant} participant
   * @returns {{[name: string]: TrackState}} the participant's tracks in daily-js's format
   */
  tracks({ session_id, local, tracks: served }) {
    const tracks = withoutIds(served);
    if (local) {
      const { audio, video } = this.devices;
      return {
        ...tracks,
        audio: localTrackState(audio, tracks.audio, this.inCall),
        video: localTrackState(video, tracks.video, this.inCall),
      };
    }
    if (!hasWebRtc() && !addSilentTracks(this.remote, session_id, tracks)) return tracks;
    const states = Object.entries(tracks).map(([name, track]) => {
      const subscribed = this.subscriptions.of(session_id, name);
      return [name, remoteTrackState(this.remote.get(session_id, name), track, subscribed, this.isInterrupted)];
    });
    return Object.fromEntries(states);
  }

  /**
   * Turn off the devices that another participant has just muted; the app may turn them on again.
   *
   * @param {ServerParticipant} local
   */
  applyRemoteMute({ tracks }) {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const device = this.devices[kind];
      const muted = tracks[kind].off?.byRemoteRequest === true;
      if (muted && !device.remotelyMuted && device.on) this.devices.set(kind, false, { by: "byRemoteRequest" });
      device.remotelyMuted = muted;
    }
  }

  /** @param {string} sessionId a participant that has left */
  forget(sessionId) {
    this.remote.forget(sessionId);
  }

  /** Disconnect, because the signalling is lost and the server has therefore closed the media. */
  interrupted() {
    this.isInterrupted = true;
    this.disconnect();
    this.remote.reportAll();
  }

  /** Connect again, because the signalling is resumed. */
  resumed() {
    this.connect();
    if (this.connection) return;
    this.isInterrupted = false;
    this.remote.reportAll();
  }

  /** Close all media at the end of the call. May be called repeatedly. */
  left() {
    this.prepared = this.inCall = this.isInterrupted = this.wasConnected = false;
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
   * @param {any} wanted the `setSubscribedTracks` of updateParticipant
   */
  subscribe(sessionId, wanted) {
    this.subscriptions.set(sessionId, wanted);
    this.subscriptionsChanged();
  }

  subscriptionsChanged() {
    this.host.store.local.public.subscribedTracks = this.subscriptions.asStored();
    this.remote.updateStore();
    this.remote.reportAll();
  }

  get localSessionId() {
    return this.host.localSessionId() ?? "";
  }

  /** @param {MediaKind} kind */
  deviceChanged(kind) {
    this.updateStore();
    if (!this.inCall) return;
    this.connection?.send(kind, this.devices[kind].track).catch((error) => this.report(error));
    this.requestMedia();
    this.host.tracksChanged(this.localSessionId);
  }

  /** Put the local tracks into daily-js's store, from which daily-js reads them as a stream. */
  updateStore() {
    const { audio, video } = this.devices;
    this.host.store.local.streams.cam = /** @type {any} */ ({
      stream: {
        getAudioTracks: () => (audio.track ? [audio.track] : []),
        getVideoTracks: () => (video.track ? [video.track] : []),
      },
    });
  }

  connect() {
    if (!hasWebRtc()) return;
    /** @type {MediaConnection} */
    const connection = new MediaConnection({
      request: (method, params) => this.host.request(method, params),
      received: (tracks) => this.tracksReceived(tracks),
      connected: () => this.connected(),
      report: (error) => connection === this.connection && this.report(error),
    });
    this.connection = connection;
    for (const kind of /** @type {const} */ (["audio", "video"])) void connection.send(kind, this.devices[kind].track);
    for (const [name, track] of this.added.tracks) void connection.send(name, track);
    this.requested = "";
    this.requestMedia();
  }

  disconnect() {
    this.connection?.close();
    this.connection = null;
  }

  /** Request `setMedia` if what this client sends or receives has changed. */
  requestMedia() {
    const { connection } = this;
    if (!connection) return;
    const { audio, video } = this.devices;
    const params = {
      receive: "participants",
      receiveVideo: true,
      audio: audio.wanted && audio.track !== null,
      video: video.wanted && video.track !== null,
      screenVideo: this.added.screen !== null,
      tracks: this.added.custom,
    };
    const requested = JSON.stringify(params);
    if (requested === this.requested) return;
    this.requested = requested;
    this.host.request("setMedia", params).catch((error) => connection === this.connection && this.report(error));
  }

  /**
   * @param {string} name
   * @param {MediaStreamTrack | null} track null if the track was removed
   */
  addedTrackChanged(name, track) {
    this.connection?.send(name, track).catch((error) => this.report(error));
    this.requestMedia();
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
  tracksReceived(tracks) {
    this.isInterrupted = false;
    this.remote.update(tracks);
  }

  connected() {
    this.wasConnected = true;
    this.postConnectionEvent("connected");
  }

  /** @param {string} reason why the server has closed the connection */
  failed(reason) {
    if (!this.connection) return;
    this.report(reason);
    this.postConnectionEvent("interrupted");
    this.interrupted();
    if (this.wasConnected) {
      this.wasConnected = false;
      this.connect();
    }
  }

  /** @param {"connected" | "interrupted"} event */
  postConnectionEvent(event) {
    this.host.post({ action: "network-connection", type: "sfu", event, session_id: this.localSessionId });
  }

  /** @param {any} error */
  report(error) {
    console.error(`No audio or video from the fake Daily: ${error?.info ?? error?.message ?? error}`);
  }
}
