/**
 * For environments without WebRTC: add a silent track for each playable track of a participant, if the test set-up
 * provides silent tracks.
 *
 * @param {RemoteTracks} remote
 * @param {string} sessionId
 * @param {{[name: string]: TrackState}} tracks as the server reports them
 * @returns {boolean} whether the test set-up provides silent tracks
 */
function addSilentTracks(remote, sessionId, tracks) {
  const createTrack = /** @type {any} */ (globalThis)[Symbol.for("daily-telephony-simulator.silentTrack")];
  if (!createTrack) return false;
  for (const kind of /** @type {const} */ (["audio", "video"])) {
    if (tracks[kind].state === "playable" && !remote.get(sessionId, kind)) {
      remote.add(keyOf(sessionId, kind), { sessionId, kind }, createTrack(kind));
    }
  }
  return true;
}
