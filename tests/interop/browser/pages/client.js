// What the tests do with daily-js in a page: join, remember the events, and listen to and look at the others.

window.happened = [];
window.ears = new Map();
window.eyes = new Map();

/** Everything but the level observers, which would drown the rest. */
const HEARD_OF = [
  "joined-meeting", "left-meeting", "participant-joined", "participant-updated", "participant-left",
  "track-started", "track-stopped", "camera-error", "started-camera", "network-connection", "nonfatal-error", "error",
  "load-attempt-failed", "dialout-connected", "dialout-answered", "dialout-stopped", "selected-devices-updated",
  "app-message", "local-screen-share-started", "local-screen-share-stopped", "local-audio-level",
  "remote-participants-audio-level",
];

window.createCall = (options) => {
  window.call = Daily.createCallObject(options);
  for (const action of HEARD_OF) call.on(action, remember);
  call.on("track-started", ({ track, type, participant }) => {
    if (participant.local) return;
    if (track.kind === "audio") listen(participant, type, track);
    else watch(participant, type, track);
  });
};

window.joinCall = async (options, where) => {
  createCall(options);
  await call.join(where);
  return call.participants().local.session_id;
};

function remember(event) {
  const { action, participant, type, track, error, errorMsg } = event;
  const seen = { action, type, error, errorMsg, event: event.event, of: participant?.session_id, track: track?.id };
  seen.local = participant?.local;
  seen.readyState = track?.readyState;
  seen.levels = event.participantsAudioLevel ?? event.audioLevel;
  seen.audio = participant?.tracks.audio.state;
  seen.video = participant?.tracks.video.state;
  happened.push(JSON.parse(JSON.stringify(seen)));
}

/** Every event that listeners get from now on, one of each shape, as [name, JSON]. */
window.recordEvents = () => {
  const shapes = new Map();
  const emit = call.emit;
  call.emit = function (name, event) {
    const text = JSON.stringify(event, tagged, 1);
    shapes.set(`${name} ${text?.replace(/: .*/g, "")}`, [name, JSON.parse(text ?? "null")]);
    return emit.apply(this, arguments);
  };
  return shapes;
};

/** JSON has no dates, sets and tracks. */
function tagged(key, value) {
  const given = this[key];
  if (given instanceof Date) return { $date: given.toISOString() };
  if (given instanceof Set) return { $set: [...given] };
  if (given instanceof MediaStreamTrack) return { $track: given.kind };
  return value;
}

// --- sound -----------------------------------------------------------------------------------------------------

let audio;

function listen({ session_id }, type, track) {
  audio ??= new AudioContext();
  const stream = new MediaStream([track]);
  // Chromium delivers a remote track's sound only while an element plays it.
  const element = Object.assign(new Audio(), { srcObject: stream });
  void element.play();
  const analyser = new AnalyserNode(audio, { fftSize: 4096 });
  audio.createMediaStreamSource(stream).connect(analyser);
  ears.set(`${session_id} ${type}`, { analyser, element, track });
}

/** The loudest frequency in somebody's sound, in Hz; null when there is none. */
window.loudest = (sessionId, type = "audio") => {
  const ear = ears.get(`${sessionId} ${type}`);
  if (!ear) return null;
  const bins = new Float32Array(ear.analyser.frequencyBinCount);
  ear.analyser.getFloatFrequencyData(bins);
  const at = bins.indexOf(Math.max(...bins));
  return bins[at] > -60 ? (at * audio.sampleRate) / ear.analyser.fftSize : null;
};

/** A tone as a track that the app brings itself. */
window.tone = (hertz) => {
  audio ??= new AudioContext();
  const to = audio.createMediaStreamDestination();
  const oscillator = new OscillatorNode(audio, { frequency: hertz });
  oscillator.connect(new GainNode(audio, { gain: 0.2 })).connect(to);
  oscillator.start();
  return to.stream.getAudioTracks()[0];
};

// --- pictures --------------------------------------------------------------------------------------------------

function watch({ session_id }, type, track) {
  const element = Object.assign(document.createElement("video"), { srcObject: new MediaStream([track]), muted: true });
  void element.play();
  eyes.set(`${session_id} ${type}`, element);
}

/** Size and middle colour of what somebody shows; null before the first picture. */
window.picture = (sessionId, type = "video") => {
  const element = eyes.get(`${sessionId} ${type}`);
  if (!element?.videoWidth) return null;
  const { videoWidth: width, videoHeight: height } = element;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(element, 0, 0);
  return { width, height, rgb: [...context.getImageData(width / 2, height / 2, 1, 1).data.slice(0, 3)] };
};

/** One colour as a camera track that the app brings itself. */
window.colour = (css) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const context = canvas.getContext("2d");
  setInterval(() => {
    context.fillStyle = css;
    context.fillRect(0, 0, 320, 240);
  }, 50);
  return canvas.captureStream(15).getVideoTracks()[0];
};
