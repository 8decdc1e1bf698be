/** daily-js's `will_eject_at`, in ms, of a participant without a time of ejection. */
const NEVER_EJECTED = 0;

/**
 * Convert a participant to the form of daily-js's types: with dates, sets, and fields that only Prebuilt fills.
 *
 * @param {ServerParticipant} participant as the signalling has it
 * @param {{[name: string]: TrackState}} tracks
 * @returns {Fields}
 */
function dailyParticipant(participant, tracks) {
  const { joined_at, will_eject_at, permissions, ...plain } = jsonCopy(participant);
  return {
    ...plain,
    joined_at: new Date(joined_at),
    will_eject_at: new Date(will_eject_at ?? NEVER_EJECTED),
    permissions: {
      ...permissions,
      canSend: asSet(permissions.canSend),
      canAdmin: asSet(permissions.canAdmin),
    },
    tracks: jsonCopy(tracks),
    cam_info: {},
    screen_info: {},
  };
}

/**
 * Convert permissions of daily-js, which have sets, to the form of the signalling, which has lists.
 *
 * @param {Fields} permissions
 * @returns {Fields}
 */
function plainPermissions(permissions) {
  const plain = { ...permissions };
  for (const kind of ["canSend", "canAdmin"]) {
    if (plain[kind] instanceof Set) {
      plain[kind] = [...plain[kind]];
    }
  }
  return plain;
}

/** @param {boolean | string[]} allowed */
function asSet(allowed) {
  return Array.isArray(allowed) ? new Set(allowed) : allowed;
}

/**
 * Copy a JSON value. daily-js modifies what it receives, and not every `postMessage` copies.
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
function jsonCopy(value) {
  return JSON.parse(JSON.stringify(value));
}
