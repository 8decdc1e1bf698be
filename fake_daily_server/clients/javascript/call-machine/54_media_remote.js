/** Which tracks of others this client wants: all of them, unless the app says otherwise. */
class Subscriptions {
  constructor() {
    this.automatic = true;
    /** @type {Map<string, Partial<Record<MediaKind, Subscription>>>} */
    this.named = new Map();
  }

  /**
   * `setSubscribedTracks` of updateParticipant: one word for all tracks, or one for each kind.
   *
   * @param {string} sessionId
   * @param {Subscription | "avatar" | Partial<Record<MediaKind, Subscription>>} wish
   */
  set(sessionId, wish) {
    const all = typeof wish === "object" ? undefined : wish === "avatar" ? true : wish;
    const named = typeof wish === "object" ? wish : { audio: all, video: all };
    this.named.set(sessionId, { ...this.named.get(sessionId), ...named });
  }

  /**
   * @param {string} sessionId
   * @param {MediaKind} kind
   * @returns {Subscription}
   */
  of(sessionId, kind) {
    return this.named.get(sessionId)?.[kind] ?? this.automatic;
  }

  /** As at the beginning. */
  clear() {
    this.automatic = true;
    this.named.clear();
  }

  /** As daily-js reads it from the store, under `local.public.subscribedTracks`. */
  asStored() {
    const named = [...this.named].map(([id, { audio, video }]) => [id, { "cam-audio": audio, "cam-video": video }]);
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
      [...arrived].map(([source, track]) => [keyOf(source.sessionId, source.kind), { source, track }]),
    );
    for (const [key, { source, original }] of this.all) {
      if (wanted.get(key)?.track === original) wanted.delete(key);
      else this.drop(key, source.sessionId);
    }
    for (const [key, { source, track }] of wanted) this.add(key, source, track);
  }

  /**
   * @param {string} sessionId
   * @param {MediaKind} kind
   */
  get(sessionId, kind) {
    return this.all.get(keyOf(sessionId, kind))?.track;
  }

  /** Put into the store what is subscribed to. */
  store() {
    for (const id of Object.keys(this.streams)) delete this.streams[id];
    for (const { source, track, since } of this.all.values()) {
      if (this.subscriptions.of(source.sessionId, source.kind) !== true) continue;
      this.streams[track.id] = {
        participantId: source.sessionId,
        type: "cam",
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
    const track = original.clone();
    for (const event of ["mute", "unmute"]) track.addEventListener(event, () => this.changed(source.sessionId));
    this.all.set(key, { source, original, track, since: new Date() });
    this.store();
    this.changed(source.sessionId);
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

/**
 * @param {string} sessionId
 * @param {MediaKind} kind
 */
function keyOf(sessionId, kind) {
  return `${sessionId}/${kind}`;
}
