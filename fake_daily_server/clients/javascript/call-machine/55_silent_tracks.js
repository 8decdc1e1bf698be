/**
 * Without WebRTC, where the test environment brings tracks that carry nothing: such a track for each that plays.
 *
 * @param {RemoteTracks} remote
 * @param {string} sessionId
 * @param {{[name: string]: TrackState}} tracks as the server tells them
 * @returns {boolean} whether there are such tracks
 */
function standInForTracks(remote, sessionId, tracks) {
  const silence = /** @type {any} */ (globalThis)[Symbol.for("daily-telephony-simulator.silentTrack")];
  if (!silence) return false;
  for (const kind of /** @type {const} */ (["audio", "video"])) {
    if (tracks[kind].state === "playable" && !remote.get(sessionId, kind)) {
      remote.keep(keyOf(sessionId, kind), { sessionId, kind }, silence(kind));
    }
  }
  return true;
}
