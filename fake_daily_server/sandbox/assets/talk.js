"use strict";

// Connects the microphone and the speaker of this machine to the call of a phone, by WebRTC.
(() => {
  const status = document.getElementById("talk");
  const phones = document.getElementById("phones");

  // The talks of this page, by Call-ID.
  const talks = new Map();

  const LOST = "The microphone is not connected any more; the messages below say why.";

  const say = (text, failed = false) => {
    status.textContent = text;
    status.classList.toggle("failed", failed);
  };

  // A telephone passes on what the microphone hears, tones and noise, too; only its own speaker must not come back.
  const SOUND = { echoCancellation: true, noiseSuppression: false, autoGainControl: false };

  const microphone = async () => {
    if (!navigator.mediaDevices) {
      throw new Error(`this browser gives no microphone to ${location.origin}: open the page at a loopback address`);
    }
    return navigator.mediaDevices.getUserMedia({ audio: SOUND });
  };

  const gathered = (connection) =>
    new Promise((resolve) => {
      const look = () => connection.iceGatheringState === "complete" && resolve();
      connection.addEventListener("icegatheringstatechange", look);
      look();
    });

  const end = (call, text, failed = false) => {
    const talk = talks.get(call);
    if (!talk) return;
    talks.delete(call);
    talk.connection?.close();
    for (const track of talk.stream?.getTracks() ?? []) track.stop();
    if (talk.speaker) talk.speaker.srcObject = null;
    say(text, failed);
  };

  const connect = async (talk, path, call) => {
    const connection = (talk.connection = new RTCPeerConnection());
    for (const track of talk.stream.getTracks()) connection.addTrack(track, talk.stream);
    connection.addEventListener("track", ({ track }) => {
      talk.speaker = new Audio();
      talk.speaker.srcObject = new MediaStream([track]);
      talk.speaker.play().catch((error) => say(`the browser does not play the call: ${error.message}`, true));
    });
    connection.addEventListener("connectionstatechange", () => {
      talk.connected ||= connection.connectionState === "connected";
      if (connection.connectionState === "failed") end(call, LOST, true);
    });
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    const answer = await sandbox.request("POST", `${path}/talk`, {
      sdp: connection.localDescription.sdp,
      sip_call_id: call,
    });
    if (!answer.ok) throw new Error("the server has refused it; see the requests of this page");
    await connection.setRemoteDescription({ type: "answer", sdp: JSON.parse(answer.text).sdp });
  };

  const begin = async ({ talk: path, call, phone }) => {
    if (talks.has(call)) return;
    const talk = { seen: false };
    talks.set(call, talk);
    say(`Connecting the microphone to ${phone} …`);
    try {
      talk.stream = await microphone();
      await connect(talk, path, call);
      say(`You talk through ${phone}. A headset keeps the speaker out of the microphone.`);
    } catch (error) {
      end(call, `No microphone for ${phone}: ${error.message}`, true);
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-talk]");
    if (button) begin(button.dataset);
  });

  // The server ends a talk with the call, by a reset, or when somebody asks for it: then its call shows it no more.
  new MutationObserver(() => {
    for (const [call, talk] of talks) {
      const shown = phones.querySelector(`[data-talked="${CSS.escape(call)}"]`) !== null;
      if (talk.seen && !shown) end(call, talk.connected ? "" : LOST, !talk.connected);
      talk.seen = shown;
    }
  }).observe(phones, { childList: true, subtree: true, attributes: true });
})();
