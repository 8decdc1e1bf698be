/** @typedef {Record<string, (message: ActionMessage) => Promise<Fields> | Fields>} MediaActions handlers by action */

/**
 * Handlers of daily-js's actions for devices and tracks; each returns the reply to daily-js.
 *
 * @param {CallMedia} media
 * @returns {MediaActions}
 */
function mediaActions(media) {
  return {
    ...deviceActions(media),
    ...deviceChoiceActions(media),
    ...observerActions(media),
    ...addedTrackActions(media),
    "daily-method-subscribe-to-tracks-automatically": ({ enabled }) => {
      media.subscriptions.automatic = enabled;
      media.subscriptionsChanged();
      return {};
    },
  };
}

/**
 * Handlers that turn devices on and off.
 *
 * @param {CallMedia} media
 * @returns {MediaActions}
 */
function deviceActions(media) {
  const { devices } = media;

  /**
   * Set whether a device is on. Between calls no device is opened, because nothing would close it: daily-js destroys a
   * call object that has left without sending the call machine a message.
   *
   * @param {MediaKind} kind
   * @returns {(message: ActionMessage) => Fields}
   */
  const setOn =
    (kind) =>
    ({ state, options }) => {
      if (media.prepared) devices.set(kind, state, { discard: options?.forceDiscardTrack });
      return {};
    };

  /**
   * @param {MediaKind} kind
   * @returns {(message: ActionMessage) => Fields}
   */
  const setAllowed = (kind) => (message) => {
    devices[kind].allowed = message.state;
    if (devices[kind].on !== null) devices.set(kind, devices[kind].on);
    return {};
  };

  return {
    "local-audio": setOn("audio"),
    "local-video": setOn("video"),
    "set-allow-local-audio": setAllowed("audio"),
    "set-allow-local-video": setAllowed("video"),
    "start-camera": async ({ properties, preloadCache }) => {
      media.prepare(properties, preloadCache);
      await media.openDevices({});
      return devices.inUse();
    },
  };
}

/**
 * Handlers that list and choose devices.
 *
 * @param {CallMedia} media
 * @returns {MediaActions}
 */
function deviceChoiceActions(media) {
  const { devices } = media;

  /**
   * @param {MediaKind} kind
   * @param {"camera" | "mic"} name
   */
  const cycle = (kind, name) => async () => {
    const next = await devices.next(kind);
    return { device: next ? (await useDevices(media, { [kind]: { deviceId: next.deviceId } }))[name] : null };
  };

  return {
    "get-input-devices": () => devices.inUse(),
    "enumerate-devices": async () => ({ devices: jsonCopy(await devices.enumerate()) }),
    // With `returnPreloadCache`, daily-js keeps the choice for the join.
    "set-input-devices": ({ audioDeviceId, videoDeviceId }) =>
      media.prepared
        ? useDevices(media, { audio: deviceSettings(audioDeviceId), video: deviceSettings(videoDeviceId) })
        : { returnPreloadCache: true },
    "set-output-device": async ({ outputDeviceId }) => ({
      ...(await devices.inUse()),
      speaker: { deviceId: outputDeviceId },
    }),
    "set-camera": async ({ cameraDeviceId }) => ({
      device: (await useDevices(media, { video: { deviceId: cameraDeviceId } })).camera,
    }),
    "cycle-camera": cycle("video", "camera"),
    "cycle-mic": cycle("audio", "mic"),
    "update-input-settings": async ({ inputSettings }) => {
      await useDevices(media, { audio: inputSettings.audio?.settings, video: inputSettings.video?.settings });
      return { inputSettings };
    },
  };
}

/**
 * Use other devices or settings, then post the devices in use; returns them.
 *
 * @param {CallMedia} media
 * @param {Partial<Record<MediaKind, Fields | undefined>>} settings
 */
async function useDevices({ devices, host }, settings) {
  for (const kind of /** @type {const} */ (["audio", "video"])) {
    if (settings[kind]) await devices.use(kind, settings[kind]);
  }
  const inUse = await devices.inUse();
  host.post({ action: "selected-devices-updated", devices: inUse });
  return inUse;
}

/** @param {string | undefined} id a device id, or the placeholder of a track of the app */
function deviceSettings(id) {
  if (!id) return undefined;
  return id === SHARED_TRACK ? { customTrack: id } : { deviceId: id };
}

/**
 * Handlers for audio levels and statistics.
 *
 * @param {CallMedia} media
 * @returns {MediaActions}
 */
function observerActions({ levels, statistics }) {
  return {
    "start-local-audio-level-observer": ({ interval }) => (levels.start("local", interval), {}),
    "stop-local-audio-level-observer": () => (levels.stop("local"), {}),
    "start-remote-participants-audio-level-observer": ({ interval }) => (levels.start("remote", interval), {}),
    "stop-remote-participants-audio-level-observer": () => (levels.stop("remote"), {}),
    "get-calc-stats": async () => ({ stats: statistics.update(await levels.reports()) }),
  };
}

/**
 * Handlers for custom tracks and screen sharing.
 *
 * @param {CallMedia} media
 * @returns {MediaActions}
 */
function addedTrackActions({ added }) {
  return {
    "start-custom-track": ({ properties }) => added.startCustom(properties.trackName),
    "stop-custom-track": ({ mediaTag }) => added.stopCustom(mediaTag),
    "local-screen-start": ({ captureOptions }) => (void added.startScreen(captureOptions), {}),
    "local-screen-stop": () => (added.stopScreen(), {}),
  };
}
