/** Types of the media of a call, for the type check of the scripts only. */

type MediaKind = "audio" | "video";

interface BlockReasons {
  byDeviceMissing?: boolean;
  byDeviceInUse?: boolean;
  byPermissions?: boolean;
}

interface DeviceFailure {
  kind: MediaKind;
  /** The rejection of getUserMedia. */
  error: any;
}

/** The participant and track that a section of the connection carries. */
interface TrackSource {
  sessionId: string;
  kind: MediaKind;
  /** `screenVideo`, or the name of a custom track; absent for microphones and cameras. */
  name?: string;
}

/** The server's offer (docs/webrtc.md); sections are identified by their mid. */
interface MediaOffer {
  offer: { number: number; sdp: string };
  upstream: Record<string, string>;
  tracks: Record<string, TrackSource>;
}

type Subscription = boolean | "staged";

/** The app's own tracks, as daily-js stores them. */
interface SharedTracks {
  audioTrack?: MediaStreamTrack;
  videoTrack?: MediaStreamTrack;
  customTrack?: MediaStreamTrack;
  screenMediaStream?: MediaStream;
}

/** What CallMedia needs of the call machine. */
interface MediaHost {
  /** The store from which daily-js reads tracks. */
  store: TrackStore;
  /** Send a request on the signalling; rejects with a `Refusal`. */
  request(method: string, params: Fields): Promise<any>;
  /** Post an event for daily-js. */
  post(event: MachineEvent): void;
  /** The app's own tracks. */
  sharedTracks(): SharedTracks;
  /** The tracks of this participant have changed. */
  tracksChanged(sessionId: string): void;
  /** This client's session id; null outside a call. */
  localSessionId(): string | null;
}

/** Counts of one direction. */
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

/** Counts of a connection at one time. */
interface NetworkCounts {
  /** Milliseconds since 1970. */
  at: number;
  audio: KindCounts;
  video: KindCounts;
  /** Bits per second. */
  bitrate: number | null;
  /** Seconds. */
  roundTrip: number | null;
}
