/** Which tracks of others this client wants: all of them, unless the app says otherwise. */
class Subscriptions {
  constructor() {
    this.automatic = true;
    /** Each participant's, by the track's name; `custom` is for all custom ones. @type {Map<string, Fields>} */
    this.named = new Map();
  }

  /**
   * `setSubscribedTracks` of updateParticipant: one word for all tracks, or one for each kind.
   *
   * @param {string} sessionId
   * @param {Subscription | "avatar" | Fields} wish
   */
  set(sessionId, wish) {
    const all = wish === "avatar" ? true : wish;
    const named = typeof wish === "object" ? wish : { audio: all, video: all, screenVideo: all, custom: all };
    this.named.set(sessionId, { ...this.named.get(sessionId), ...named });
  }

  /**
   * @param {string} sessionId
   * @param {string} name
   * @returns {Subscription}
   */
  of(sessionId, name) {
    const named = this.named.get(sessionId);
    const custom = BUILT_IN.includes(name) ? undefined : named?.custom;
    return named?.[name] ?? (typeof custom === "object" ? custom[name] : custom) ?? this.automatic;
  }

  /** As at the beginning. */
  clear() {
    this.automatic = true;
    this.named.clear();
  }

  /** As daily-js reads it from the store, under `local.public.subscribedTracks`. */
  asStored() {
    const named = [...this.named].map(([id, { audio, video, screenVideo, custom }]) => [
      id,
      { "cam-audio": audio, "cam-video": video, "screen-video": screenVideo, custom },
    ]);
    return { ALL: this.automatic, ...Object.fromEntries(named) };
  }
}

/**
 * The tracks of the others, as they are in the store of daily-js.
 *
 * A section of the connection, and its track, is given to one participant after the other. An app gets a clone, which
 * ends with its participant: so nobody is heard through an element that was made for somebody else.
 */
class RemoteTracks {
  /**
   * @param {Record<string, object>} streams `streams` of the store
   * @param {Subscriptions} subscriptions
   * @param {(sessionId: string) => void} changed a track of this participant has come, gone, or begun to play
   */
  constructor(streams, subscriptions, changed) {
    this.streams = streams;
    this.subscriptions = subscriptions;
    this.changed = changed;
    /** @type {Map<string, {source: TrackSource, original: MediaStreamTrack, track: MediaStreamTrack, since: Date}>} */
    this.all = new Map();
  }

  /** @param {Map<TrackSource, MediaStreamTrack>} arrived everything that comes now */
  arrange(arrived) {
    const wanted = new Map(
      [...arrived].map(([source, track]) => [keyOf(source.sessionId, nameOf(source)), { source, track }]),
    );
    for (const [key, { source, original }] of this.all) {
      if (wanted.get(key)?.track === original) wanted.delete(key);
      else this.drop(key, source.sessionId);
    }
    for (const [key, { source, track }] of wanted) this.add(key, source, track);
  }

  /**
   * @param {string} sessionId
   * @param {string} name
   */
  get(sessionId, name) {
    return this.all.get(keyOf(sessionId, name))?.track;
  }

  /** Put into the store what is subscribed to. */
  store() {
    for (const id of Object.keys(this.streams)) delete this.streams[id];
    for (const { source, track, since } of this.all.values()) {
      const name = nameOf(source);
      if (this.subscriptions.of(source.sessionId, name) !== true) continue;
      this.streams[track.id] = {
        participantId: source.sessionId,
        type: STORED_AS[name] ?? name,
        pendingTrack: track,
        starttime: since,
      };
    }
  }

  /** @param {string} sessionId somebody who has left */
  forget(sessionId) {
    for (const [key, { source }] of this.all) if (source.sessionId === sessionId) this.drop(key, sessionId);
  }

  /** All of them have another state than before. */
  changedAll() {
    for (const id of new Set([...this.all.values()].map(({ source }) => source.sessionId))) this.changed(id);
  }

  clear() {
    for (const [key, { source }] of this.all) this.drop(key, source.sessionId);
  }

  /**
   * @param {string} key
   * @param {TrackSource} source
   * @param {MediaStreamTrack} original
   */
  add(key, source, original) {
    this.keep(key, source, original);
    this.changed(source.sessionId);
  }

  /**
   * Without telling.
   *
   * @param {string} key
   * @param {TrackSource} source
   * @param {MediaStreamTrack} original
   */
  keep(key, source, original) {
    const track = original.clone();
    for (const event of ["mute", "unmute"]) track.addEventListener(event, () => this.changed(source.sessionId));
    this.all.set(key, { source, original, track, since: new Date() });
    this.store();
  }

  /**
   * @param {string} key
   * @param {string} sessionId
   */
  drop(key, sessionId) {
    this.all.get(key)?.track.stop();
    this.all.delete(key);
    this.store();
    this.changed(sessionId);
  }
}

/** The tracks that everybody has; all others are custom ones. */
const BUILT_IN = ["audio", "video", "screenAudio", "screenVideo"];

/** daily-js's word in the store for a kind of track; of a custom one it is the name. @type {Record<string, string>} */
const STORED_AS = { audio: "cam", video: "cam", screenVideo: "screen" };

/** @param {TrackSource} source */
function nameOf({ name, kind }) {
  return name ?? kind;
}

/**
 * @param {string} sessionId
 * @param {string} name
 */
function keyOf(sessionId, name) {
  return `${sessionId}/${name}`;
}
