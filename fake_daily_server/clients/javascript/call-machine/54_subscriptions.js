/** Which tracks of other participants the app wants: all of them, unless it says otherwise. */
class Subscriptions {
  constructor() {
    this.automatic = true;
    /** By session id, then by track; `custom` stands for all custom tracks. @type {Map<string, Fields>} */
    this.byParticipant = new Map();
  }

  /**
   * Apply `setSubscribedTracks` of updateParticipant: one value for all tracks, or one for each kind.
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
   * @param {string} name of the track
   * @returns {Subscription}
   */
  of(sessionId, name) {
    const byName = this.byParticipant.get(sessionId);
    const custom = BUILT_IN_TRACKS.includes(name) ? undefined : byName?.custom;
    return byName?.[name] ?? (typeof custom === "object" ? custom[name] : custom) ?? this.automatic;
  }

  /** Return to the initial state. */
  clear() {
    this.automatic = true;
    this.byParticipant.clear();
  }

  /** The form in which daily-js reads them from the store, at `local.public.subscribedTracks`. */
  asStored() {
    const entries = [...this.byParticipant].map(([id, { audio, video, screenVideo, custom }]) => [
      id,
      { "cam-audio": audio, "cam-video": video, "screen-video": screenVideo, custom },
    ]);
    return { ALL: this.automatic, ...Object.fromEntries(entries) };
  }
}

/** Names of the tracks that every participant has; all others are custom tracks. */
const BUILT_IN_TRACKS = ["audio", "video", "screenAudio", "screenVideo"];
