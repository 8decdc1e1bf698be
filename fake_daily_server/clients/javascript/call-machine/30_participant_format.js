/** daily-js's value for somebody who will not be ejected. */
const NEVER_EJECTED = 0;

/**
 * A participant as daily-js's types have it: dates, sets, and the fields that only Prebuilt fills.
 *
 * @param {ServerParticipant} participant as the signalling has it
 * @param {{[name: string]: TrackState}} tracks
 * @returns {Fields}
 */
function dailyParticipant(participant, tracks) {
  const { joined_at, will_eject_at, permissions, ...plain } = structuredCopy(participant);
  return {
    ...plain,
    joined_at: new Date(joined_at),
    will_eject_at: new Date(will_eject_at ?? NEVER_EJECTED),
    permissions: {
      ...permissions,
      canSend: asSet(permissions.canSend),
      canAdmin: asSet(permissions.canAdmin),
    },
    tracks: structuredCopy(tracks),
    cam_info: {},
    screen_info: {},
  };
}

/**
 * Permissions as the signalling takes them; daily-js makes sets of lists.
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
 * A copy of JSON: daily-js writes into what it is given, and not every `postMessage` copies.
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
function structuredCopy(value) {
  return JSON.parse(JSON.stringify(value));
}
