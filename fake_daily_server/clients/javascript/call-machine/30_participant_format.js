/** daily-js's `will_eject_at`, in ms since 1970, of a participant that will not be ejected. */
const NEVER_EJECTED = 0;

/**
 * Convert a participant to daily-js's types: with Dates, Sets, and the fields that only Daily Prebuilt uses.
 *
 * @param {ServerParticipant} participant in the signalling's format
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
 * Convert permissions from daily-js's format, with Sets, to the signalling's, with arrays.
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
 * Copy a JSON value. daily-js modifies the values it receives, and not every `postMessage` copies them.
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
function jsonCopy(value) {
  return JSON.parse(JSON.stringify(value));
}
