/**
 * What daily-js can ask of devices and tracks, by action; each answers with what daily-js reads.
 *
 * @param {CallMedia} media
 * @returns {Record<string, (message: ActionMessage) => Promise<Fields> | Fields>}
 */
function mediaActions(media) {
  const { devices } = media;

  /**
   * Nobody would close what is opened between calls: a call object that has left is destroyed without a word.
   *
   * @param {MediaKind} kind
   * @returns {(message: ActionMessage) => Fields}
   */
  const turn =
    (kind) =>
    ({ state, options }) => {
      if (media.prepared) devices.set(kind, state, { discard: options?.forceDiscardTrack });
      return {};
    };

  /**
   * @param {MediaKind} kind
   * @returns {(message: ActionMessage) => Fields}
   */
  const allow = (kind) => (message) => {
    devices[kind].allowed = message.state;
    if (devices[kind].on !== null) devices.set(kind, devices[kind].on);
    return {};
  };

  /** @param {Partial<Record<MediaKind, Fields | undefined>>} settings */
  const use = async (settings) => {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      if (settings[kind]) await devices.use(kind, settings[kind]);
    }
    const inUse = await devices.inUse();
    media.host.post({ action: "selected-devices-updated", devices: inUse });
    return inUse;
  };

  /**
   * @param {MediaKind} kind
   * @param {"camera" | "mic"} name
   */
  const cycle = (kind, name) => async () => {
    const next = await devices.next(kind);
    return { device: next ? (await use({ [kind]: { deviceId: next.deviceId } }))[name] : null };
  };

  /** @param {string | undefined} id a device, or the mark of an app's own track */
  const chosen = (id) => {
    if (!id) return undefined;
    return id === SHARED_TRACK ? { customTrack: id } : { deviceId: id };
  };

  return {
    "local-audio": turn("audio"),
    "local-video": turn("video"),
    "set-allow-local-audio": allow("audio"),
    "set-allow-local-video": allow("video"),
    "get-input-devices": () => devices.inUse(),
    // daily-js keeps the choice for the join then.
    "set-input-devices": ({ audioDeviceId, videoDeviceId }) =>
      media.prepared
        ? use({ audio: chosen(audioDeviceId), video: chosen(videoDeviceId) })
        : { returnPreloadCache: true },
    "set-output-device": async ({ outputDeviceId }) => ({
      ...(await devices.inUse()),
      speaker: { deviceId: outputDeviceId },
    }),
    "set-camera": async ({ cameraDeviceId }) => ({
      device: (await use({ video: { deviceId: cameraDeviceId } })).camera,
    }),
    "cycle-camera": cycle("video", "camera"),
    "cycle-mic": cycle("audio", "mic"),
    "update-input-settings": async ({ inputSettings }) => {
      await use({ audio: inputSettings.audio?.settings, video: inputSettings.video?.settings });
      return { inputSettings };
    },
    "start-camera": async ({ properties, preloadCache }) => {
      media.prepare(properties, preloadCache);
      await media.begin({});
      return devices.inUse();
    },
    "enumerate-devices": async () => ({ devices: JSON.parse(JSON.stringify(await devices.known())) }),
    "daily-method-subscribe-to-tracks-automatically": ({ enabled }) => {
      media.subscriptions.automatic = enabled;
      media.subscribed();
      return {};
    },
    "start-local-audio-level-observer": ({ interval }) => (media.levels.start("local", interval), {}),
    "stop-local-audio-level-observer": () => (media.levels.stop("local"), {}),
    "start-remote-participants-audio-level-observer": ({ interval }) => (media.levels.start("remote", interval), {}),
    "stop-remote-participants-audio-level-observer": () => (media.levels.stop("remote"), {}),
    "get-calc-stats": async () => ({ stats: media.statistics.take(await media.levels.reports()) }),
    "get-network-topology": () => ({ topology: "sfu" }),
    "start-custom-track": ({ properties }) => media.added.startCustom(properties.trackName),
    "stop-custom-track": ({ mediaTag }) => media.added.stopCustom(mediaTag),
    "local-screen-start": ({ captureOptions }) => (void media.added.startScreen(captureOptions), {}),
    "local-screen-stop": () => (media.added.stopScreen(), {}),
  };
}
