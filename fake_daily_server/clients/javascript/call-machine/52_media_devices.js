/** What daily-js writes in the place of a MediaStreamTrack, which no message can carry; the track is in its `tracks`. */
const SHARED_TRACK = "daily-custom-track";

/** One microphone or camera of this client: wanted or not, and the track while there is one. */
class LocalDevice {
  /** @param {MediaKind} kind */
  constructor(kind) {
    /** @readonly */
    this.kind = kind;
    /**
     * What setLocalAudio, setLocalVideo, or an administrator said last; null until the room has said how one begins.
     *
     * @type {boolean | null}
     */
    this.on = null;
    /** @type {"byUser" | "byRemoteRequest"} who switched it off */
    this.off = "byUser";
    /** Whether the server says that an administrator has switched it off. */
    this.silenced = false;
    /** False with `audioSource: false`, `videoSource: false`. */
    this.allowed = true;
    /** @type {Record<string, any>} constraints for getUserMedia; `customTrack` says that the app has a track of its own */
    this.settings = {};
    /** @type {MediaStreamTrack | null} */
    this.track = null;
    /** @type {BlockReasons | null} */
    this.blocked = null;
    this.opening = false;
  }

  /** Whether the others shall hear or see it. */
  get wanted() {
    return this.on === true && this.allowed;
  }

  /** Whether its track is the app's, which is never stopped or switched here. */
  get shared() {
    return this.settings.customTrack === SHARED_TRACK;
  }

  /** Whether it is off because somebody said so. */
  get isOff() {
    return this.on === false || !this.allowed;
  }

  /** @returns {MediaTrackConstraints | true} */
  get constraints() {
    const { deviceId, ...others } = this.settings;
    if (deviceId === undefined) return Object.keys(others).length ? others : true;
    return { ...others, deviceId: typeof deviceId === "string" ? { exact: deviceId } : deviceId };
  }

  /** As it is but for its track: what is being opened for the one before is not taken any more. */
  successor() {
    const { on, off, allowed, silenced } = this;
    return Object.assign(new LocalDevice(this.kind), { on, off, allowed, silenced });
  }

  /** Switch it off: what was opened here is stopped. */
  release() {
    if (!this.shared) this.track?.stop();
    this.track = null;
    this.blocked = null;
  }
}

/**
 * Opens devices together, so that people are asked once; when that fails, each by itself.
 *
 * @param {Partial<Record<MediaKind, MediaTrackConstraints | true>>} wishes
 * @returns {Promise<{tracks: MediaStreamTrack[], failures: DeviceFailure[]}>}
 */
async function openDevices(wishes) {
  const kinds = /** @type {MediaKind[]} */ (Object.keys(wishes));
  try {
    if (!navigator.mediaDevices?.getUserMedia) throw noMediaDevices();
    const stream = await navigator.mediaDevices.getUserMedia(wishes);
    return { tracks: stream.getTracks(), failures: [] };
  } catch (error) {
    if (kinds.length === 1) return { tracks: [], failures: [{ kind: kinds[0], error }] };
    const each = await Promise.all(kinds.map((kind) => openDevices({ [kind]: wishes[kind] })));
    return { tracks: each.flatMap((one) => one.tracks), failures: each.flatMap((one) => one.failures) };
  }
}

function noMediaDevices() {
  const error = new Error(
    "there is no navigator.mediaDevices; browsers have it on https, localhost and 127.0.0.1 only",
  );
  error.name = "NoMediaDevices";
  return error;
}

/** Both devices of a client. */
class LocalDevices {
  /**
   * @param {() => SharedTracks} sharedTracks the app's own tracks
   * @param {(kind: MediaKind) => void} changed a device is open, blocked, released, or wanted where it was not before
   * @param {(event: {action: string, [field: string]: any}) => void} post an event for daily-js
   */
  constructor(sharedTracks, changed, post) {
    this.sharedTracks = sharedTracks;
    this.changed = changed;
    this.post = post;
    this.audio = new LocalDevice("audio");
    this.video = new LocalDevice("video");
  }

  /** Begin anew, as at a join. Nothing is open then. */
  reset() {
    this.release();
    this.audio = new LocalDevice("audio");
    this.video = new LocalDevice("video");
  }

  /** Open what is wanted and is not open. */
  async open() {
    const devices = [this.audio, this.video];
    const due = devices.filter((device) => device.wanted && !device.track && !device.opening);
    for (const device of due.filter((one) => one.shared)) this.take(device, this.sharedTracks()[`${device.kind}Track`]);
    const closed = due.filter((device) => !device.shared);
    if (!closed.length) return;
    for (const device of closed) device.opening = true;
    const wishes = Object.fromEntries(closed.map((device) => [device.kind, device.constraints]));
    const { tracks, failures } = await openDevices(wishes);
    this.opened(closed, tracks, failures);
  }

  /**
   * @param {LocalDevice[]} devices
   * @param {MediaStreamTrack[]} tracks
   * @param {DeviceFailure[]} failures
   */
  opened(devices, tracks, failures) {
    for (const device of devices) device.opening = false;
    const current = devices.filter((device) => this[device.kind] === device);
    for (const device of devices) {
      const track = tracks.find((one) => one.kind === device.kind);
      if (track && current.includes(device) && device.wanted && !device.shared) this.take(device, track);
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
  take(device, track) {
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
   * setLocalAudio, setLocalVideo. A microphone that is off stays open and silent; a camera is let go of, with its light.
   *
   * @param {MediaKind} kind
   * @param {boolean} on
   * @param {{discard?: boolean, by?: "byUser" | "byRemoteRequest"}} [how] `discard` lets go of the microphone too
   */
  set(kind, on, { discard = false, by = "byUser" } = {}) {
    const device = this[kind];
    device.on = on;
    device.off = by;
    if (!on && !device.shared && (discard || kind === "video")) device.release();
    else if (device.track && !device.shared) device.track.enabled = on;
    this.changed(kind);
    void this.open();
  }

  /**
   * Another device, or the app's own track, from now on.
   *
   * @param {MediaKind} kind
   * @param {Record<string, any>} settings
   */
  async use(kind, settings) {
    const device = this[kind];
    const wasOpening = device.opening;
    device.release();
    if (wasOpening) this[kind] = device.successor();
    this[kind].settings = settings;
    await this.open();
    this.changed(kind);
  }

  /** Stop what was opened here. */
  release() {
    this.audio.release();
    this.video.release();
  }

  /** @returns {Promise<MediaDeviceInfo[]>} */
  async known() {
    return (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  }

  /**
   * @param {MediaKind} kind
   * @returns {Promise<MediaDeviceInfo | undefined>} the device after the one in use, if there is another one
   */
  async next(kind) {
    const all = (await this.known()).filter((one) => one.kind === `${kind}input`);
    const at = all.findIndex((one) => one.deviceId === this[kind].track?.getSettings().deviceId);
    return all.length > 1 ? all[(at + 1) % all.length] : undefined;
  }

  /** @returns {Promise<{camera: object, mic: object, speaker: object}>} which devices are in use, as daily-js tells it */
  async inUse() {
    const known = await this.known();
    const find = (/** @type {MediaStreamTrack | null} */ track) => {
      const id = track?.getSettings?.().deviceId;
      const device = known.find((one) => id !== undefined && one.deviceId === id);
      return device ? JSON.parse(JSON.stringify(device)) : {};
    };
    return { camera: find(this.video.track), mic: find(this.audio.track), speaker: {} };
  }
}
