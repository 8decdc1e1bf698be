/** The tracks that the client sends besides microphone and camera: a shared screen, and custom audio tracks. */
class AddedTracks {
  /**
   * @param {MediaHost} host
   * @param {(name: string, track: MediaStreamTrack | null) => void} changed called after a track was added or removed
   */
  constructor(host, changed) {
    this.host = host;
    this.changed = changed;
    /** The added tracks, by name. @type {Map<string, MediaStreamTrack>} */
    this.tracks = new Map();
    this.unnamed = 0;
    /** The stream that getDisplayMedia opened; null for a stream of the app. @type {MediaStream | null} */
    this.opened = null;
    /** Identifies the pending screen share while the user chooses a screen. @type {object | null} */
    this.choosing = null;
  }

  /** The track of the shared screen; null if no screen is shared. */
  get screen() {
    return this.tracks.get(SCREEN) ?? null;
  }

  /** The names of the custom tracks. */
  get custom() {
    return [...this.tracks.keys()].filter((name) => name !== SCREEN);
  }

  /**
   * Carry out startCustomTrack(); the track itself is in daily-js's `tracks`.
   *
   * @param {string | undefined} trackName
   * @returns {Fields} the reply: `mediaTag`, or `error`
   */
  startCustom(trackName) {
    const track = this.host.sharedTracks().customTrack;
    const name = trackName ?? `customTrack${++this.unnamed}`;
    if (track?.kind !== "audio")
      return { error: "the fake Daily has no custom video tracks; pass an audio track" };
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
   * Carry out startScreenShare(): share the app's own stream, or the screen that the user chooses in the browser.
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
      this.shareScreen(stream);
    } catch (error) {
      this.reportScreenError(/** @type {Error} */ (error));
    } finally {
      if (this.choosing === choosing) this.choosing = null;
    }
  }

  /** @param {Error} error */
  reportScreenError({ name, message }) {
    if (name === "NotAllowedError") this.host.post({ action: "local-screen-share-canceled" });
    else this.host.post({ action: "nonfatal-error", type: "screen-share-error", errorMsg: `${name}: ${message}` });
  }

  /** @param {MediaStream} stream */
  shareScreen(stream) {
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

  /** Stop the stream of the screen that the user chose; a stream of the app is not stopped. */
  closeScreen() {
    stopAll(this.opened);
    this.opened = null;
    delete this.host.store.local.streams.screen;
  }

  /** Remove all tracks at the end of a call. */
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

/** daily-js's name for the track of a shared screen. */
const SCREEN = "screenVideo";
