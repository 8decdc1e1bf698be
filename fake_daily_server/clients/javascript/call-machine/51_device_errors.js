/**
 * The reasons why a device has no track, as in daily-js's DailyTrackState.
 *
 * @param {any} error the error with which getUserMedia rejected
 * @returns {BlockReasons}
 */
function blockReasons(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return { byPermissions: true };
    case "NotReadableError":
    case "AbortError":
      return { byDeviceInUse: true };
    default:
      return { byDeviceMissing: true };
  }
}

/**
 * daily-js's `camera-error` event for microphones and cameras that could not be opened.
 *
 * @param {DeviceFailure[]} failures at least one
 * @returns {{action: "camera-error", errorMsg: object, error: object}}
 */
function cameraError(failures) {
  const kinds = failures.map((failure) => failure.kind);
  const failed = (/** @type {MediaKind} */ kind) => kinds.includes(kind);
  const error = describeDeviceError(failures[0].error, kinds);
  return {
    action: "camera-error",
    errorMsg: { errorMsg: error.msg, audioOk: !failed("audio"), videoOk: !failed("video") },
    error,
  };
}

/**
 * The field `error` of daily-js's `camera-error` event.
 *
 * @param {any} cause the error with which getUserMedia rejected
 * @param {MediaKind[]} kinds
 * @returns {{type: string, msg: string, [detail: string]: any}}
 */
function describeDeviceError(cause, kinds) {
  const msg = `${kinds.join(" and ")}: ${cause?.message || cause?.name || cause}`;
  switch (cause?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return { type: "permissions", msg, blockedBy: /system/i.test(msg) ? "browser" : "user", blockedMedia: kinds };
    case "NotFoundError":
      return { type: "not-found", msg, missingMedia: kinds };
    case "OverconstrainedError":
      return { type: "constraints", msg, reason: "invalid", failedMedia: kinds };
    case "NotReadableError":
    case "AbortError":
      return { type: kinds.length > 1 ? "cam-mic-in-use" : kinds[0] === "audio" ? "mic-in-use" : "cam-in-use", msg };
    case "NoMediaDevices":
      return { type: "undefined-mediadevices", msg };
    default:
      return { type: "unknown", msg };
  }
}
