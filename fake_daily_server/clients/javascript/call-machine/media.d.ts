/** Types for the media of a call; used only to type-check the scripts. */

type MediaKind = "audio" | "video";

interface BlockReasons {
  byDeviceMissing?: boolean;
  byDeviceInUse?: boolean;
  byPermissions?: boolean;
}

interface DeviceFailure {
  kind: MediaKind;
  /** The error with which getUserMedia rejected. */
  error: any;
}

/** The source of a media section: a participant and one of its tracks. */
interface TrackSource {
  sessionId: string;
  kind: MediaKind;
  /** `screenVideo`, or the name of a custom track; absent for microphones and cameras. */
  name?: string;
}

/** The server's offer (docs/webrtc.md). `upstream` and `tracks` identify media sections by mid. */
interface MediaOffer {
  offer: { number: number; sdp: string };
  upstream: Record<string, string>;
  tracks: Record<string, TrackSource>;
}

type Subscription = boolean | "staged";

/** The app's own tracks, in the format in which daily-js stores them. */
interface SharedTracks {
  audioTrack?: MediaStreamTrack;
  videoTrack?: MediaStreamTrack;
  customTrack?: MediaStreamTrack;
  screenMediaStream?: MediaStream;
}

/** The interface of the call machine for CallMedia. */
interface MediaHost {
  /** The state from which daily-js reads tracks. */
  store: TrackStore;
  /** Send a signalling request; rejects with a `Refusal`. */
  request(method: string, params: Fields): Promise<any>;
  /** Post an event for daily-js. */
  post(event: MachineEvent): void;
  /** The app's own tracks. */
  sharedTracks(): SharedTracks;
  /** Called after the tracks of a participant have changed. */
  tracksChanged(sessionId: string): void;
  /** This client's session id; null outside a call. */
  localSessionId(): string | null;
}

/** Counts of one medium in one direction. */
interface FlowCounts {
  bytes: number;
  packets: number;
  /** Seconds. */
  jitter: number | null;
}

/** Counts of audio or of video. */
interface KindCounts {
  recv: FlowCounts;
  send: FlowCounts;
  lost: { recv: number; send: number };
}

/** The counts of a connection at one time. */
interface NetworkCounts {
  /** Milliseconds since 1970. */
  at: number;
  audio: KindCounts;
  video: KindCounts;
  /** The available outgoing bitrate in bits per second. */
  bitrate: number | null;
  /** The round-trip time in seconds. */
  roundTrip: number | null;
}
