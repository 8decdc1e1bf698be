/**
 * Actions for services that are not enabled here. As on a Daily domain without the service, the answer is the service's
 * error event or a rejection.
 *
 * @type {{[action: string]: Action}}
 */
const UNAVAILABLE_ACTIONS = {
  "local-recording-start": (call, { instanceId }) =>
    call.post(definedOnly({ action: "recording-error", errorMsg: notEnabled("recording"), instanceId })),
  "daily-method-start-live-streaming": (call, { instanceId }) =>
    call.post(definedOnly({ action: "live-streaming-error", errorMsg: notEnabled("live streaming"), instanceId })),
  "daily-method-start-transcription": (call, { instanceId }) =>
    call.post(definedOnly({ action: "transcription-error", errorMsg: notEnabled("transcription"), instanceId })),
  "daily-method-start-remote-media-player": refuseMediaPlayer,
  "daily-method-stop-remote-media-player": refuseMediaPlayer,
  "daily-method-update-remote-media-player": refuseMediaPlayer,
  "daily-method-update-waiting-participant": refuseLobby,
  "daily-method-update-waiting-participants": refuseLobby,
  "dialin-start": () => ({ error: "dial-in starts with the first participant of a room that has the property sip" }),
};

function refuseMediaPlayer() {
  return { error: "NOT_ALLOWED", errorMsg: notEnabled("the remote media player") };
}

function refuseLobby() {
  return { error: "there are no waiting participants: rooms here have no lobby" };
}

/** @param {string} service */
function notEnabled(service) {
  return `${service} is not enabled for this domain`;
}
