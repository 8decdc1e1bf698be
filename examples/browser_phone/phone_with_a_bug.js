// A phone in a web page, based on daily-js: joins a room, dials out, sends digits, hangs up, sends and receives audio.
//
// The page's URL contains ?room=…&token=…, and for the fake Daily &bundles=http://127.0.0.1:7880/static
import Daily from "@daily-co/daily-js";

const page = (id) => document.getElementById(id);
const parameters = new URLSearchParams(location.search);
const bundlePathOverride = parameters.get("bundles");

const call = Daily.createCallObject({
  videoSource: false,
  userName: parameters.get("name") ?? "Browser",
  ...(bundlePathOverride && { dailyConfig: { bundlePathOverride } }),
});

/** The session id of the dial-out that the buttons control; null if there is none. */
let sessionId = null;

// --- buttons ---------------------------------------------------------------------------------------

async function dial() {
  show("dialling", `Calling ${page("number").value} …`);
  try {
    const { session } = await call.startDialOut({ phoneNumber: page("number").value });
    sessionId = session.sessionId;
  } catch (refused) {
    show("error", refused.message ?? refused);
  }
}

function press(digit) {
  if (sessionId) call.sendDTMF({ sessionId, tones: digit, digitDurationMs: 100 });
  else page("number").value += digit;
}

function mute() {
  call.setLocalAudio(!call.localAudio());
}

function hangUp() {
  call.stopDialOut({ sessionId });
}

// --- events of daily-js ---------------------------------------------------------------------------------------

/** The page's state and status text after each event of the dial-out. */
const states = {
  "dialout-connected": () => ["ringing", "Ringing …"],
  "dialout-answered": () => ["answered", "In a call"],
  "dialout-stopped": () => ["ready", "The call is over"],
  "dialout-error": ({ errorMsg }) => ["error", errorMsg],
};
for (const [name, stateOf] of Object.entries(states)) {
  call.on(name, (event) => {
    if (sessionId && event.sessionId && event.sessionId !== sessionId) return;
    if (name === "dialout-stopped") sessionId = null; // the bug: an error ends the call, too
    show(...stateOf(event));
  });
}

call.on("dtmf-event", ({ tone }) => show("answered", `They pressed ${tone}`));
call.on("error", ({ errorMsg }) => show("error", errorMsg));
call.on("camera-error", ({ error }) => note(`no microphone: ${error.msg}`));
for (const event of ["joined-meeting", "participant-joined", "participant-updated", "participant-left"]) {
  call.on(event, listParticipants);
}
call.on("track-started", ({ participant, track, type }) => {
  if (type === "audio" && !participant.local) play(track);
});
call.on("track-stopped", ({ track }) => page(track.id)?.remove());
for (const name of ["joined-meeting", "track-started", "track-stopped", "dtmf-event", ...Object.keys(states)]) {
  call.on(name, (event) => note([name, event.type, event.tone].filter(Boolean).join(" ")));
}

function show(state, text) {
  page("status").dataset.state = state;
  page("status").textContent = text;
  page("dial").disabled = call.meetingState() !== "joined-meeting" || sessionId !== null;
  page("hangup").disabled = sessionId === null;
}

function note(text) {
  const line = document.createElement("li");
  line.textContent = text;
  page("events").append(line);
  page("events").scrollTop = page("events").scrollHeight;
}

function listParticipants() {
  const lines = Object.values(call.participants()).map(({ local, user_name, tracks }) => {
    const line = document.createElement("li");
    const state = document.createElement("small");
    state.textContent = `${local ? "microphone" : "sound"} ${tracks.audio.state}`;
    line.append(local ? `${user_name} (you)` : user_name, state);
    return line;
  });
  page("participants").replaceChildren(...lines);
  page("mute").setAttribute("aria-pressed", String(!call.localAudio()));
}

// --- audio -----------------------------------------------------------------------------------------------------

const audio = new AudioContext();
const analyser = new AnalyserNode(audio, { fftSize: 4096 });
const levels = new Uint8Array(analyser.frequencyBinCount);

function play(track) {
  const stream = new MediaStream([track]);
  const element = document.createElement("audio");
  element.id = track.id;
  element.autoplay = true;
  element.srcObject = stream;
  page("sounds").append(element);
  audio.createMediaStreamSource(stream).connect(analyser);
}

/** Draw the spectrum of the received audio up to 2 kHz, and show its loudest frequency. */
function draw() {
  analyser.getByteFrequencyData(levels);
  const hertz = audio.sampleRate / analyser.fftSize;
  const shown = levels.subarray(0, Math.round(2000 / hertz));
  const canvas = page("spectrum");
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#5ec98a";
  const width = canvas.width / shown.length;
  shown.forEach((level, bin) => {
    const height = (level / 255) * canvas.height;
    context.fillRect(bin * width, canvas.height - height, width * 0.8, height);
  });
  const loudest = shown.indexOf(Math.max(...shown));
  page("tone").textContent = shown[loudest] > 150 ? `${Math.round(loudest * hertz)} Hz` : "";
  requestAnimationFrame(draw);
}

// --- start -----------------------------------------------------------------------------------------------------

for (const digit of "123456789*0#") {
  const button = document.createElement("button");
  button.textContent = digit;
  button.onclick = () => press(digit);
  page("keypad").append(button);
}
page("dial").onclick = () => {
  void audio.resume();
  void dial();
};
page("mute").onclick = mute;
page("hangup").onclick = hangUp;
draw();

show("joining", "Joining …");
try {
  await call.join({ url: parameters.get("room"), token: parameters.get("token") ?? undefined });
  page("mute").disabled = false;
  show("ready", "Ready");
} catch (refused) {
  show("error", refused?.errorMsg ?? refused?.message ?? String(refused));
}
