/** The tracks of other participants that the app subscribes to; by default all. */
class Subscriptions {
  constructor() {
    this.automatic = true;
    /** By session id, then by track name, in which `custom` means all custom tracks. @type {Map<string, Fields>} */
    this.byParticipant = new Map();
  }

  /**
   * Apply `setSubscribedTracks` of updateParticipant: one value for all tracks, or one per track.
   *
   * @param {string} sessionId
   * @param {Subscription | "avatar" | Fields} wanted
   */
  set(sessionId, wanted) {
    const all = wanted === "avatar" ? true : wanted;
    const byName = typeof wanted === "object" ? wanted : { audio: all, video: all, screenVideo: all, custom: all };
    this.byParticipant.set(sessionId, { ...this.byParticipant.get(sessionId), ...byName });
  }

  /**
   * @param {string} sessionId
   * @param {string} name the name of the track
   * @returns {Subscription}
   */
  of(sessionId, name) {
    const byName = this.byParticipant.get(sessionId);
    const custom = BUILT_IN_TRACKS.includes(name) ? undefined : byName?.custom;
    return byName?.[name] ?? (typeof custom === "object" ? custom[name] : custom) ?? this.automatic;
  }

  /** Restore the initial state. */
  clear() {
    this.automatic = true;
    this.byParticipant.clear();
  }

  /** The format in which daily-js reads subscriptions from the store, at `local.public.subscribedTracks`. */
  asStored() {
    const entries = [...this.byParticipant].map(([id, { audio, video, screenVideo, custom }]) => [
      id,
      { "cam-audio": audio, "cam-video": video, "screen-video": screenVideo, custom },
    ]);
    return { ALL: this.automatic, ...Object.fromEntries(entries) };
  }
}

/** Names of the tracks that every participant has; all other tracks are custom tracks. */
const BUILT_IN_TRACKS = ["audio", "video", "screenAudio", "screenVideo"];
