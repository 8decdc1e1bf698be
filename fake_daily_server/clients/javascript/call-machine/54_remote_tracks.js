/**
 * The tracks of other participants, which are also kept in daily-js's store.
 *
 * The server reuses a media section, and with it the track, for one participant after the other. The app receives a
 * clone that ends with its participant, so an element never plays another one.
 */
class RemoteTracks {
  /**
   * @param {Record<string, object>} streams `streams` of the store
   * @param {Subscriptions} subscriptions
   * @param {(sessionId: string) => void} changed called when a participant's track is added, removed, muted or unmuted
   */
  constructor(streams, subscriptions, changed) {
    this.streams = streams;
    this.subscriptions = subscriptions;
    this.changed = changed;
    /** @type {Map<string, {source: TrackSource, original: MediaStreamTrack, track: MediaStreamTrack, since: Date}>} */
    this.all = new Map();
  }

  /** @param {Map<TrackSource, MediaStreamTrack>} received all tracks that the room currently sends */
  update(received) {
    const added = new Map(
      [...received].map(([source, track]) => [keyOf(source.sessionId, nameOf(source)), { source, track }]),
    );
    for (const [key, { source, original }] of this.all) {
      if (added.get(key)?.track === original) added.delete(key);
      else this.remove(key, source.sessionId);
    }
    for (const [key, { source, track }] of added) {
      this.add(key, source, track);
      this.changed(source.sessionId);
    }
  }

  /**
   * @param {string} sessionId
   * @param {string} name
   */
  get(sessionId, name) {
    return this.all.get(keyOf(sessionId, name))?.track;
  }

  /** Replace the tracks in daily-js's store with the subscribed ones. */
  updateStore() {
    for (const id of Object.keys(this.streams)) delete this.streams[id];
    for (const { source, track, since } of this.all.values()) {
      const name = nameOf(source);
      if (this.subscriptions.of(source.sessionId, name) !== true) continue;
      this.streams[track.id] = {
        participantId: source.sessionId,
        type: STORE_TYPES[name] ?? name,
        pendingTrack: track,
        starttime: since,
      };
    }
  }

  /** @param {string} sessionId a participant that has left */
  forget(sessionId) {
    for (const [key, { source }] of this.all) if (source.sessionId === sessionId) this.remove(key, sessionId);
  }

  /** Report all participants as changed. */
  reportAll() {
    for (const id of new Set([...this.all.values()].map(({ source }) => source.sessionId))) this.changed(id);
  }

  clear() {
    for (const [key, { source }] of this.all) this.remove(key, source.sessionId);
  }

  /**
   * Add a clone of the track, without reporting the participant as changed.
   *
   * @param {string} key
   * @param {TrackSource} source
   * @param {MediaStreamTrack} original
   */
  add(key, source, original) {
    const track = original.clone();
    for (const event of ["mute", "unmute"]) track.addEventListener(event, () => this.changed(source.sessionId));
    this.all.set(key, { source, original, track, since: new Date() });
    this.updateStore();
  }

  /**
   * @param {string} key
   * @param {string} sessionId
   */
  remove(key, sessionId) {
    this.all.get(key)?.track.stop();
    this.all.delete(key);
    this.updateStore();
    this.changed(sessionId);
  }
}

/** Track types in daily-js's store, by track name; a custom track's type is its name. @type {Record<string, string>} */
const STORE_TYPES = { audio: "cam", video: "cam", screenVideo: "screen" };

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
