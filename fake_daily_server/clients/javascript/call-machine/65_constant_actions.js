const NOTHING_MEASURED = {
  maxRoundTripTime: null,
  avgRoundTripTime: null,
  avgSendPacketLoss: null,
  avgRecvPacketLoss: null,
  avgAvailableOutgoingBitrate: null,
  avgSendBitsPerSecond: null,
  avgRecvBitsPerSecond: null,
};

/** Actions whose reply does not depend on the room, by daily-js's action names. @type {{[action: string]: Action}} */
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
    const all = jsonCopy(call.receiveSettings);
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
