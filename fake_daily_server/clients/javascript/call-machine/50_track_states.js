/**
 * The state of the client's own microphone or camera.
 *
 * @param {LocalDevice} device
 * @param {TrackState | undefined} served the state that the server reports, which reflects the permissions
 * @param {boolean} joined
 * @returns {TrackState}
 */
function localTrackState(device, served, joined) {
  if (served?.off?.byCanSendPermission) return { subscribed: true, state: "off", off: { byCanSendPermission: true } };
  if (device.isOff) return { subscribed: true, state: "off", off: { [device.offReason]: true } };
  if (device.blocked) return { subscribed: true, state: "blocked", blocked: device.blocked };
  // Before the join, not even an open track is playable: daily-js emits no track-started for one in joined-meeting.
  return { subscribed: true, state: joined && device.track ? "playable" : "loading" };
}

/**
 * The state of another participant's track.
 *
 * @param {MediaStreamTrack | undefined} track the received track, if any
 * @param {TrackState} served the state that the server reports
 * @param {boolean | "staged"} subscribed
 * @param {boolean} interrupted whether the connection is currently lost
 * @returns {TrackState}
 */
function remoteTrackState(track, served, subscribed, interrupted) {
  if (served.state !== "playable") return { ...served, subscribed };
  if (subscribed !== true) return { ...served, subscribed, state: "sendable" };
  if (interrupted) return { ...served, subscribed, state: "interrupted" };
  // A WebRTC track is muted until its first packet arrives.
  return { ...served, subscribed, state: track && !track.muted ? "playable" : "loading" };
}

/**
 * @param {{[name: string]: TrackState}} tracks
 * @returns {{[name: string]: TrackState}} the tracks without the ids of custom tracks, which only the signalling uses
 */
function withoutIds(tracks) {
  return Object.fromEntries(Object.entries(tracks).map(([name, { id, ...track }]) => [name, track]));
}
