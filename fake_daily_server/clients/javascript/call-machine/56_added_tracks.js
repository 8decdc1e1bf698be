/**
 * What the client sends beside its microphone and camera: its screen, and audio tracks of the app's own.
 */
class AddedTracks {
  /**
   * @param {MediaHost} host
   * @param {(name: string, track: MediaStreamTrack | null) => void} changed
   */
  constructor(host, changed) {
    this.host = host;
    this.changed = changed;
    /** By name. @type {Map<string, MediaStreamTrack>} */
    this.tracks = new Map();
    this.count = 0;
    /** What getDisplayMedia gave. @type {MediaStream | null} */
    this.opened = null;
    /** The start of a screen share that waits for a screen; forgotten when the call is over. @type {object | null} */
    this.choosing = null;
  }

  /** The track with the screen. */
  get screen() {
    return this.tracks.get(SCREEN) ?? null;
  }

  /** Names of the app's own tracks. */
  get custom() {
    return [...this.tracks.keys()].filter((name) => name !== SCREEN);
  }

  /**
   * startCustomTrack(); the track itself is where daily-js keeps it.
   *
   * @param {string | undefined} trackName
   * @returns {Fields} `mediaTag`, or `error`
   */
  startCustom(trackName) {
    const track = this.host.sharedTracks().customTrack;
    const name = trackName ?? `customTrack${++this.count}`;
    if (track?.kind !== "audio")
      return { error: "custom video tracks are not part of the fake Daily; audio tracks are" };
    if (this.tracks.has(name)) return { error: `there is a custom track ${name} already; stop it first` };
    this.store.customTracks = { ...this.store.customTracks, [name]: { track } };
    this.add(name, track);
    return { mediaTag: name };
  }

  /**
   * @param {string} name
   * @returns {Fields}
   */
  stopCustom(name) {
    const { [name]: _, ...others } = this.store.customTracks ?? {};
    this.store.customTracks = others;
    this.remove(name);
    return { mediaTag: name };
  }

  /**
   * startScreenShare(): the app's own stream, or what somebody chooses in the browser's dialogue.
   *
   * @param {Fields} options
   */
  async startScreen({ mediaStream, displayMediaOptions } = {}) {
    if (this.screen || this.choosing) return;
    const choosing = (this.choosing = {});
    try {
      const own = mediaStream ? this.host.sharedTracks().screenMediaStream : undefined;
      const stream = own ?? (await navigator.mediaDevices.getDisplayMedia({ video: true, ...displayMediaOptions }));
      if (this.choosing !== choosing) {
        stopAll(stream);
        return;
      }
      this.opened = own ? null : stream;
      this.showScreen(stream);
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      if (name === "NotAllowedError") this.host.post({ action: "local-screen-share-canceled" });
      else this.host.post({ action: "nonfatal-error", type: "screen-share-error", errorMsg: `${name}: ${message}` });
    } finally {
      if (this.choosing === choosing) this.choosing = null;
    }
  }

  /** @param {MediaStream} stream */
  showScreen(stream) {
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => this.screen === track && this.stopScreen());
    this.host.store.local.streams.screen = { stream };
    this.add(SCREEN, track);
    this.host.post({ action: "local-screen-share-started" });
  }

  stopScreen() {
    if (!this.screen) return;
    this.closeScreen();
    this.remove(SCREEN);
    this.host.post({ action: "local-screen-share-stopped" });
  }

  /** Stop what somebody chose in the browser; the app's own stream is the app's. */
  closeScreen() {
    stopAll(this.opened);
    this.opened = null;
    delete this.host.store.local.streams.screen;
  }

  /** The call is over. */
  clear() {
    this.choosing = null;
    this.closeScreen();
    this.tracks.clear();
    delete this.store.customTracks;
  }

  get store() {
    return this.host.store.local.public;
  }

  /**
   * @param {string} name
   * @param {MediaStreamTrack} track
   */
  add(name, track) {
    this.tracks.set(name, track);
    this.changed(name, track);
  }

  /** @param {string} name */
  remove(name) {
    if (this.tracks.delete(name)) this.changed(name, null);
  }
}

/** @param {MediaStream | null} stream */
function stopAll(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** daily-js's name of the track with the screen. */
const SCREEN = "screenVideo";
