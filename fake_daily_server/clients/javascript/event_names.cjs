"use strict";
/** The event names of daily-js, so that a wait for a misspelt name fails at once. */

const { mostSimilar } = require("./option_checks.cjs");

const EVENT_NAMES = `
  loading load-attempt-failed loaded started-camera camera-error joining-meeting joined-meeting left-meeting
  call-instance-destroyed participant-joined participant-updated participant-left participant-counts-updated
  track-started track-stopped recording-started recording-stopped recording-stats recording-error
  recording-upload-completed recording-data transcription-started transcription-stopped transcription-error
  transcription-message app-message local-screen-share-started local-screen-share-stopped local-screen-share-canceled
  active-speaker-change active-speaker-mode-change network-quality-change network-connection test-completed
  cpu-load-change face-counts-updated fullscreen exited-fullscreen error nonfatal-error click mousedown mouseup
  mouseover mousemove touchstart touchmove touchend live-streaming-started live-streaming-updated
  live-streaming-stopped live-streaming-error lang-updated remote-media-player-started remote-media-player-stopped
  remote-media-player-updated access-state-updated meeting-session-updated meeting-session-summary-updated
  meeting-session-state-updated waiting-participant-added waiting-participant-updated waiting-participant-removed
  theme-updated available-devices-updated receive-settings-updated input-settings-updated send-settings-updated
  local-audio-level remote-participants-audio-level show-local-video-changed selected-devices-updated
  custom-button-click sidebar-view-changed pip-started pip-stopped dialin-connected dialin-ready dialin-error
  dialin-stopped dialin-warning dialout-connected dialout-answered dialout-error dialout-stopped dialout-warning
  dtmf-event
`
  .trim()
  .split(/\s+/);

/** Throw if `name` is not an event of daily-js, with the most similar name as a suggestion. @param {string} name */
function checkEventName(name) {
  if (!EVENT_NAMES.includes(name)) {
    const suggestion = JSON.stringify(mostSimilar(name, EVENT_NAMES));
    throw new Error(`there is no event ${JSON.stringify(name)} in daily-js; did you mean ${suggestion}?`);
  }
}

/**
 * Throw if this version of daily-js never emits the event: versions before 0.89 discard `dtmf-event`.
 *
 * @param {any} call a call object of daily-js
 * @param {string} name the name of the awaited event
 */
function checkVersion(call, name) {
  /** @type {string | undefined} */
  const version = name === "dtmf-event" ? call.constructor.version?.() : undefined;
  if (version && /^0\.([0-7]?\d|8[0-8])\./.test(version)) {
    throw new Error(
      `daily-js ${version} does not emit "dtmf-event", versions from 0.89 do: npm install @daily-co/daily-js@0.92.2 ` +
        "(on Node below 22.14 npm installs 0.87.0 if no version is given)",
    );
  }
}

module.exports = { EVENT_NAMES, checkEventName, checkVersion };
