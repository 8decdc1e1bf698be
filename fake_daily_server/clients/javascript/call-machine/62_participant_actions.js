/** Actions for participants, names and messages, by daily-js's action names. @type {{[action: string]: Action}} */
const PARTICIPANT_ACTIONS = {
  "update-participant": (call, { id, properties }) => updateParticipant(call, id, properties),
  "update-participants": async (call, { participants }) => {
    for (const [id, properties] of Object.entries(participants)) {
      for (const sessionId of id === "*" ? others(call) : [id]) {
        await updateParticipant(call, sessionId, properties);
      }
    }
  },
  "app-msg": (call, { data, to }) => call.request("sendAppMessage", { data, to }),
  "set-user-name": (call, { name }) => {
    call.properties.userName = name;
    return call.sessionId ? call.request("setUserName", { userName: name }) : { userName: name };
  },
  "set-user-data": (call, { userData }) => {
    call.properties.userData = userData;
    return call.sessionId ? call.request("setUserData", { userData }) : { userData };
  },
  "set-session-data": (call, { data, mergeStrategy }) => call.request("setSessionData", { data, mergeStrategy }),
  "get-meeting-session": (call) => ({ meetingSession: call.meetingSession }),
  "lib-room-info": (call) => call.request("room"),
};

/**
 * @param {CallMachine} call
 * @returns {string[]} the session ids of all participants except the local one
 */
function others(call) {
  return [...call.participants.keys()].filter((sessionId) => sessionId !== call.sessionId);
}

/**
 * @param {CallMachine} call
 * @param {string} id a session id or `local`
 * @param {Fields} properties
 */
async function updateParticipant(call, id, { setAudio, setVideo, setSubscribedTracks, eject, updatePermissions }) {
  const local = id === "local" || id === call.sessionId;
  const sessionId = local ? call.sessionId : id;
  if (!sessionId) {
    throw connectionError("updateParticipant: not in a call; join first");
  }
  if (setSubscribedTracks !== undefined) {
    call.media.subscribe(sessionId, setSubscribedTracks);
  }
  if (local && setAudio !== undefined) {
    call.media.devices.set("audio", setAudio);
  }
  if (local && setVideo !== undefined) {
    call.media.devices.set("video", setVideo);
  }
  const change = definedOnly({
    eject: eject || undefined,
    updatePermissions: updatePermissions && plainPermissions(updatePermissions),
    setAudio: local ? undefined : setAudio,
    setVideo: local ? undefined : setVideo,
  });
  if (Object.keys(change).length) {
    await call.request("updateParticipant", { sessionId, ...change });
  }
}
