/**
 * What a domain like this one does not have, answered as Daily answers where it is not switched on: with the error event
 * that belongs to it, or a rejection. @type {{[action: string]: Action}}
 */
const ABSENT_ACTIONS = {
  "local-recording-start": (call, { instanceId }) =>
    call.post(given({ action: "recording-error", errorMsg: absent("recording"), instanceId })),
  "daily-method-start-live-streaming": (call, { instanceId }) =>
    call.post(given({ action: "live-streaming-error", errorMsg: absent("live streaming"), instanceId })),
  "daily-method-start-transcription": (call, { instanceId }) =>
    call.post(given({ action: "transcription-error", errorMsg: absent("transcription"), instanceId })),
  "daily-method-start-remote-media-player": () => ({
    error: "NOT_ALLOWED",
    errorMsg: absent("the remote media player"),
  }),
  "daily-method-stop-remote-media-player": () => ({
    error: "NOT_ALLOWED",
    errorMsg: absent("the remote media player"),
  }),
  "daily-method-update-remote-media-player": () => ({
    error: "NOT_ALLOWED",
    errorMsg: absent("the remote media player"),
  }),
  "daily-method-update-waiting-participant": () => ({ error: "nobody waits: rooms here have no lobby" }),
  "daily-method-update-waiting-participants": () => ({ error: "nobody waits: rooms here have no lobby" }),
  "dialin-start": () => ({ error: "dial-in is started by the room's property sip, when the first participant joins" }),
};

const NOTHING_MEASURED = {
  maxRoundTripTime: null,
  avgRoundTripTime: null,
  avgSendPacketLoss: null,
  avgRecvPacketLoss: null,
  avgAvailableOutgoingBitrate: null,
  avgSendBitsPerSecond: null,
  avgRecvBitsPerSecond: null,
};

/** What is the same in every call on this machine. @type {{[action: string]: Action}} */
const CONSTANT_ACTIONS = {
  "daily-method-preauth": (call) => {
    call.post({ action: "access-state-updated", access: { level: "full" } });
    return { access: { level: "full" } };
  },
  "daily-method-request-access": () => ({ access: { level: "full" }, granted: true }),
  "get-network-topology": () => ({ topology: "sfu" }),
  "set-network-topology": () => ({ workerId: "simulator" }),
  "get-cpu-load-stats": () => ({
    cpuStats: { cpuLoadState: "low", cpuLoadStateReason: "none", stats: { latest: {} } },
  }),
  "get-daily-lang": () => ({ lang: "en", resolvedLang: "en" }),
  "get-single-participant-receive-settings": (call, { id }) => ({ receiveSettings: call.receiveSettings[id] ?? {} }),
  "update-receive-settings": (call, { receiveSettings }) => {
    Object.assign(call.receiveSettings, receiveSettings);
    const all = structuredCopy(call.receiveSettings);
    call.post({ action: "receive-settings-updated", receiveSettings: all });
    return { receiveSettings: all };
  },
  "update-send-settings": (call, { sendSettings }) => {
    call.post({ action: "send-settings-updated", sendSettings });
    return { sendSettings };
  },
  "test-websocket-connectivity": () => ({
    results: { result: "passed", passedRegions: ["loopback"], abortedRegions: [], failedRegions: [] },
  }),
  "test-network-connectivity": () => ({ results: { result: "passed" } }),
  "test-call-quality": () => ({ results: { result: "good", secondsElapsed: 0, data: NOTHING_MEASURED } }),
  "test-p2p-call-quality": () => ({ results: { result: "good", secondsElapsed: 0, data: NOTHING_MEASURED } }),
};

/** @param {string} feature */
function absent(feature) {
  return `${feature} is not enabled for this domain`;
}
