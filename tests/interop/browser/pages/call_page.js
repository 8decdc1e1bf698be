// Helpers of the test pages: they join with daily-js, record events, and analyse the other participants' media.

window.callEvents = [];
window.audioSinks = new Map();
window.videoElements = new Map();

/** The events that are recorded. */
const RECORDED = [
  "joined-meeting", "left-meeting", "participant-joined", "participant-updated", "participant-left",
  "track-started", "track-stopped", "camera-error", "started-camera", "network-connection", "nonfatal-error", "error",
  "load-attempt-failed", "dialout-connected", "dialout-answered", "dialout-stopped", "selected-devices-updated",
  "app-message", "local-screen-share-started", "local-screen-share-stopped", "local-audio-level",
  "remote-participants-audio-level",
];

window.createCall = (options) => {
  window.call = Daily.createCallObject(options);
  for (const action of RECORDED) call.on(action, recordEvent);
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

function recordEvent(event) {
  const { action, participant, type, track, error, errorMsg } = event;
  const fields = { action, type, error, errorMsg, event: event.event, of: participant?.session_id, track: track?.id };
  fields.local = participant?.local;
  fields.readyState = track?.readyState;
  fields.levels = event.participantsAudioLevel ?? event.audioLevel;
  fields.audio = participant?.tracks.audio.state;
  fields.video = participant?.tracks.video.state;
  callEvents.push(JSON.parse(JSON.stringify(fields)));
}

/** Records every event that is emitted from now on, one of each shape, as [name, JSON]. */
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

/** Represents dates, sets and tracks in JSON. */
function tagged(key, value) {
  const given = this[key];
  if (given instanceof Date) return { $date: given.toISOString() };
  if (given instanceof Set) return { $set: [...given] };
  if (given instanceof MediaStreamTrack) return { $track: given.kind };
  return value;
}

// --- audio -----------------------------------------------------------------------------------------------------

let audio;

function listen({ session_id }, type, track) {
  audio ??= new AudioContext();
  const stream = new MediaStream([track]);
  // Chromium delivers the audio of a remote track only while an element plays it.
  const element = Object.assign(new Audio(), { srcObject: stream });
  void element.play();
  const analyser = new AnalyserNode(audio, { fftSize: 4096 });
  audio.createMediaStreamSource(stream).connect(analyser);
  audioSinks.set(`${session_id} ${type}`, { analyser, element, track });
}

/** The loudest frequency of a participant's audio, in Hz; null if it is silent. */
window.loudest = (sessionId, type = "audio") => {
  const sink = audioSinks.get(`${sessionId} ${type}`);
  if (!sink) return null;
  const bins = new Float32Array(sink.analyser.frequencyBinCount);
  sink.analyser.getFloatFrequencyData(bins);
  const at = bins.indexOf(Math.max(...bins));
  return bins[at] > -60 ? (at * audio.sampleRate) / sink.analyser.fftSize : null;
};

/** A tone, as an audio track of the app. */
window.tone = (hertz) => {
  audio ??= new AudioContext();
  const destination = audio.createMediaStreamDestination();
  const oscillator = new OscillatorNode(audio, { frequency: hertz });
  oscillator.connect(new GainNode(audio, { gain: 0.2 })).connect(destination);
  oscillator.start();
  return destination.stream.getAudioTracks()[0];
};

// --- video --------------------------------------------------------------------------------------------------

function watch({ session_id }, type, track) {
  const element = Object.assign(document.createElement("video"), { srcObject: new MediaStream([track]), muted: true });
  void element.play();
  videoElements.set(`${session_id} ${type}`, element);
}

/** The size and central colour of a participant's video; null before the first frame. */
window.picture = (sessionId, type = "video") => {
  const element = videoElements.get(`${sessionId} ${type}`);
  if (!element?.videoWidth) return null;
  const { videoWidth: width, videoHeight: height } = element;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(element, 0, 0);
  return { width, height, rgb: [...context.getImageData(width / 2, height / 2, 1, 1).data.slice(0, 3)] };
};

/** One colour, as a video track of the app. */
window.colour = (css) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const context = canvas.getContext("2d");
  setInterval(() => {
    context.fillStyle = css;
    context.fillRect(0, 0, 320, 240);
  }, 50);
  return canvas.captureStream(15).getVideoTracks()[0];
};
