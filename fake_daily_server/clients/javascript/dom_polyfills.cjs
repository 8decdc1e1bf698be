"use strict";
/** Polyfills for browser features that daily-js needs and jsdom and happy-dom lack: media devices, silent tracks. */

const { randomUUID } = require("node:crypto");

const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

const DEVICES = [
  { kind: "audioinput", deviceId: "default", groupId: "simulator", label: "Microphone" },
  { kind: "videoinput", deviceId: "camera", groupId: "simulator", label: "Camera" },
  { kind: "audiooutput", deviceId: "speaker", groupId: "simulator", label: "Speaker" },
];

/**
 * @param {any} EventTarget the environment's class, so that listeners receive the environment's events
 * @returns {any} a `MediaStreamTrack` class whose tracks carry no media
 */
function silentTrackClass(EventTarget) {
  return class MediaStreamTrack extends EventTarget {
    /** @param {"audio" | "video"} kind @param {string} [deviceId] */
    constructor(kind, deviceId = "default") {
      super();
      this.kind = kind;
      this.id = randomUUID();
      this.label = kind === "audio" ? "Microphone" : "Camera";
      this.enabled = true;
      this.muted = false;
      this.readyState = "live";
      this.deviceId = deviceId;
    }
    stop() {
      this.readyState = "ended";
    }
    clone() {
      return new MediaStreamTrack(this.kind, this.deviceId);
    }
    getSettings() {
      return { deviceId: this.deviceId };
    }
    getCapabilities() {
      return {};
    }
    getConstraints() {
      return {};
    }
    async applyConstraints() {}
  };
}

/** @param {any} Track @returns {any} a `MediaStream` class for silent tracks */
function streamClass(Track) {
  return class MediaStream {
    /** @param {any[] | {getTracks(): any[]}} [tracks] */
    constructor(tracks = []) {
      this.id = randomUUID();
      this.active = true;
      /** @type {any[]} */
      this.tracks = Array.isArray(tracks) ? [...tracks] : tracks.getTracks();
    }
    getTracks() {
      return [...this.tracks];
    }
    getAudioTracks() {
      return this.tracks.filter(({ kind }) => kind === "audio");
    }
    getVideoTracks() {
      return this.tracks.filter(({ kind }) => kind === "video");
    }
    /** @param {any} track */
    addTrack(track) {
      this.tracks.push(track);
    }
    /** @param {any} track */
    removeTrack(track) {
      this.tracks = this.tracks.filter((own) => own !== track);
    }
    clone() {
      return new MediaStream(this.tracks.map((track) => (track instanceof Track ? track.clone() : track)));
    }
  };
}

/** @param {any} scope @returns {any} a `MediaDevices` object with one device of each kind */
function mediaDevices(scope) {
  const devices = new scope.EventTarget();
  devices.ondevicechange = null;
  devices.enumerateDevices = async () => DEVICES.map((device) => ({ ...device, toJSON: () => device }));
  /** @param {{audio?: unknown, video?: unknown}} [wanted] */
  devices.getUserMedia = async ({ audio, video } = {}) => {
    const tracks = [];
    if (audio) tracks.push(new scope.MediaStreamTrack("audio"));
    if (video) tracks.push(new scope.MediaStreamTrack("video", "camera"));
    return new scope.MediaStream(tracks);
  };
  devices.getSupportedConstraints = () => ({});
  return devices;
}

/**
 * Add the missing features to the global object; must run before daily-js is loaded.
 *
 * @param {any} scope the global object of a test environment with a DOM
 */
function installDomPolyfills(scope) {
  const missing = ["window", "document", "navigator"].filter((part) => !scope[part]);
  if (missing.length > 0) {
    throw new Error(
      `daily-js needs a DOM, and there is no ${missing.join(", no ")}: choose the test environment jsdom or happy-dom, ` +
        "or make these of a jsdom window global before daily-telephony-simulator/setup is loaded",
    );
  }
  if (!/Chrome\//.test(scope.navigator.userAgent)) {
    Object.defineProperty(scope.navigator, "userAgent", { value: USER_AGENT, configurable: true });
  }
  // happy-dom's MediaStreamTrack cannot be constructed.
  const Track = silentTrackClass(scope.EventTarget);
  scope.MediaStreamTrack = Track;
  scope.MediaStream ??= streamClass(Track);
  scope[Symbol.for("daily-telephony-simulator.silentTrack")] = (/** @type {"audio" | "video"} */ kind) =>
    new Track(kind);
  if (!scope.navigator.mediaDevices?.getUserMedia) {
    Object.defineProperty(scope.navigator, "mediaDevices", { value: mediaDevices(scope), configurable: true });
  }
  refuseWebGl(scope.window.HTMLCanvasElement?.prototype);
}

/**
 * Refuse WebGL contexts: daily-js requests one while loading, for which jsdom would print an error.
 *
 * @param {any} canvas
 */
function refuseWebGl(canvas) {
  const original = canvas?.getContext;
  if (original) {
    /** @param {string} kind @param {unknown[]} options */
    canvas.getContext = function (kind, ...options) {
      return kind === "webgl2" ? null : original.call(this, kind, ...options);
    };
  }
}

module.exports = { installDomPolyfills };
