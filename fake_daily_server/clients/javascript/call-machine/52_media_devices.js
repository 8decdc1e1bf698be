/** daily-js's placeholder in messages, which cannot contain a MediaStreamTrack; the track is in daily-js's `tracks`. */
const SHARED_TRACK = "daily-custom-track";

/** The microphone or the camera of this client: whether it is on, and its track while it is open. */
class LocalDevice {
  /** @param {MediaKind} kind */
  constructor(kind) {
    /** @readonly */
    this.kind = kind;
    /**
     * Whether the device is on, as last set by setLocalAudio, setLocalVideo or a remote mute; null until the defaults
     * of the room are known.
     *
     * @type {boolean | null}
     */
    this.on = null;
    /** @type {"byUser" | "byRemoteRequest"} who turned the device off */
    this.offReason = "byUser";
    /** Whether the server reports the device as muted by another participant. */
    this.remotelyMuted = false;
    /** Whether the app allows the device: false with `audioSource: false` or `videoSource: false`. */
    this.allowed = true;
    /** @type {Record<string, any>} constraints for getUserMedia; `customTrack` marks a track of the app */
    this.settings = {};
    /** @type {MediaStreamTrack | null} */
    this.track = null;
    /** @type {BlockReasons | null} */
    this.blocked = null;
    this.opening = false;
  }

  /** Whether the device is to be sent to the room. */
  get wanted() {
    return this.on === true && this.allowed;
  }

  /** Whether the track belongs to the app, so that it is never stopped or disabled here. */
  get shared() {
    return this.settings.customTrack === SHARED_TRACK;
  }

  /** Whether the device is off; false while this is undecided. */
  get isOff() {
    return this.on === false || !this.allowed;
  }

  /** @returns {MediaTrackConstraints | true} */
  get constraints() {
    const { deviceId, ...others } = this.settings;
    if (deviceId === undefined) return Object.keys(others).length ? others : true;
    return { ...others, deviceId: typeof deviceId === "string" ? { exact: deviceId } : deviceId };
  }

  /** A copy of the device without its track. A track that is still being opened for this device will not be used. */
  withoutTrack() {
    const { on, offReason, allowed, remotelyMuted } = this;
    return Object.assign(new LocalDevice(this.kind), { on, offReason, allowed, remotelyMuted });
  }

  /** Stop the track unless it belongs to the app, and forget it. */
  release() {
    if (!this.shared) this.track?.stop();
    this.track = null;
    this.blocked = null;
  }
}

/**
 * Open devices together, so that the user is asked only once; if that fails, open each separately.
 *
 * @param {Partial<Record<MediaKind, MediaTrackConstraints | true>>} constraints
 * @returns {Promise<{tracks: MediaStreamTrack[], failures: DeviceFailure[]}>}
 */
async function openDevices(constraints) {
  const kinds = /** @type {MediaKind[]} */ (Object.keys(constraints));
  try {
    if (!navigator.mediaDevices?.getUserMedia) throw noMediaDevices();
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    return { tracks: stream.getTracks(), failures: [] };
  } catch (error) {
    if (kinds.length === 1) return { tracks: [], failures: [{ kind: kinds[0], error }] };
    const results = await Promise.all(kinds.map((kind) => openDevices({ [kind]: constraints[kind] })));
    return { tracks: results.flatMap(({ tracks }) => tracks), failures: results.flatMap(({ failures }) => failures) };
  }
}

function noMediaDevices() {
  const error = new Error(
    "there is no navigator.mediaDevices; browsers have it on https, localhost and 127.0.0.1 only",
  );
  error.name = "NoMediaDevices";
  return error;
}

/** The microphone and the camera of a client. */
class LocalDevices {
  /**
   * @param {() => SharedTracks} sharedTracks the app's own tracks
   * @param {(kind: MediaKind) => void} changed called after a device was opened, blocked, released, turned on or off
   * @param {(event: {action: string, [field: string]: any}) => void} post posts an event for daily-js
   */
  constructor(sharedTracks, changed, post) {
    this.sharedTracks = sharedTracks;
    this.changed = changed;
    this.post = post;
    this.audio = new LocalDevice("audio");
    this.video = new LocalDevice("video");
  }

  /** Close both devices and restore the state before a join. */
  reset() {
    this.release();
    this.audio = new LocalDevice("audio");
    this.video = new LocalDevice("video");
  }

  /** Open the devices that are wanted and not open yet. */
  async open() {
    const devices = [this.audio, this.video];
    const due = devices.filter((device) => device.wanted && !device.track && !device.opening);
    for (const device of due.filter(({ shared }) => shared)) {
      this.setTrack(device, this.sharedTracks()[`${device.kind}Track`]);
    }
    const closed = due.filter((device) => !device.shared);
    if (!closed.length) return;
    for (const device of closed) device.opening = true;
    const constraints = Object.fromEntries(closed.map((device) => [device.kind, device.constraints]));
    const { tracks, failures } = await openDevices(constraints);
    this.opened(closed, tracks, failures);
  }

  /**
   * Assign opened tracks to the devices that still want them, stop the other tracks, and report failures.
   *
   * @param {LocalDevice[]} devices
   * @param {MediaStreamTrack[]} tracks
   * @param {DeviceFailure[]} failures
   */
  opened(devices, tracks, failures) {
    for (const device of devices) device.opening = false;
    const current = devices.filter((device) => this[device.kind] === device);
    for (const device of devices) {
      const track = tracks.find(({ kind }) => kind === device.kind);
      if (track && current.includes(device) && device.wanted && !device.shared) this.setTrack(device, track);
      else track?.stop();
    }
    if (!current.length) return;
    const failed = failures.filter(({ kind }) => current.includes(this[kind]));
    for (const { kind, error } of failed) {
      this[kind].blocked = blockReasons(error);
      this.changed(kind);
    }
    if (failed.length) this.post(cameraError(failed));
    if (tracks.length) this.post({ action: "started-camera" });
  }

  /**
   * @param {LocalDevice} device
   * @param {MediaStreamTrack | undefined} track
   */
  setTrack(device, track) {
    device.track = track ?? null;
    device.blocked = track ? null : { byDeviceMissing: true };
    track?.addEventListener("ended", () => {
      if (device.track !== track) return;
      device.track = null;
      device.blocked = { byDeviceMissing: true };
      this.changed(device.kind);
    });
    this.changed(device.kind);
  }

  /**
   * Turn a device on or off, for setLocalAudio and setLocalVideo. A microphone that is off stays open but silent; a
   * camera is released, so that its indicator light goes off.
   *
   * @param {MediaKind} kind
   * @param {boolean} on
   * @param {{discard?: boolean, by?: "byUser" | "byRemoteRequest"}} [how] `discard` also releases the microphone
   */
  set(kind, on, { discard = false, by = "byUser" } = {}) {
    const device = this[kind];
    device.on = on;
    device.offReason = by;
    if (!on && !device.shared && (discard || kind === "video")) device.release();
    else if (device.track && !device.shared) device.track.enabled = on;
    this.changed(kind);
    void this.open();
  }

  /**
   * Use another device, other settings, or a track of the app.
   *
   * @param {MediaKind} kind
   * @param {Record<string, any>} settings
   */
  async use(kind, settings) {
    const device = this[kind];
    const wasOpening = device.opening;
    device.release();
    if (wasOpening) this[kind] = device.withoutTrack();
    this[kind].settings = settings;
    await this.open();
    this.changed(kind);
  }

  /** Stop the tracks of both devices, except those of the app. */
  release() {
    this.audio.release();
    this.video.release();
  }

  /** @returns {Promise<MediaDeviceInfo[]>} */
  async enumerate() {
    return (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  }

  /**
   * @param {MediaKind} kind
   * @returns {Promise<MediaDeviceInfo | undefined>} the device after the current one; undefined if there is only one
   */
  async next(kind) {
    const all = (await this.enumerate()).filter((info) => info.kind === `${kind}input`);
    const at = all.findIndex(({ deviceId }) => deviceId === this[kind].track?.getSettings().deviceId);
    return all.length > 1 ? all[(at + 1) % all.length] : undefined;
  }

  /** @returns {Promise<{camera: object, mic: object, speaker: object}>} the devices in use, in daily-js's format */
  async inUse() {
    const known = await this.enumerate();
    const find = (/** @type {MediaStreamTrack | null} */ track) => {
      const id = track?.getSettings?.().deviceId;
      const info = known.find(({ deviceId }) => id !== undefined && deviceId === id);
      return info ? jsonCopy(info) : {};
    };
    return { camera: find(this.video.track), mic: find(this.audio.track), speaker: {} };
  }
}
