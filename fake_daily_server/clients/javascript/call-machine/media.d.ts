/** What the sound and pictures of a call consist of; only types, only for checking the scripts. */

type MediaKind = "audio" | "video";

interface BlockReasons {
  byDeviceMissing?: boolean;
  byDeviceInUse?: boolean;
  byPermissions?: boolean;
}

interface DeviceFailure {
  kind: MediaKind;
  /** What getUserMedia rejected with. */
  error: any;
}

/** Whose sound or pictures a section of the connection carries. */
interface TrackSource {
  sessionId: string;
  kind: MediaKind;
  /** `screenVideo`, or that of a custom track; absent for microphones and cameras. */
  name?: string;
}

/** The server's offer (docs/webrtc.md); sections are named by their mid. */
interface MediaOffer {
  offer: { number: number; sdp: string };
  upstream: Record<string, string>;
  tracks: Record<string, TrackSource>;
}

type Subscription = boolean | "staged";

/** The app's own tracks, as daily-js keeps them. */
interface SharedTracks {
  audioTrack?: MediaStreamTrack;
  videoTrack?: MediaStreamTrack;
  customTrack?: MediaStreamTrack;
  screenMediaStream?: MediaStream;
}

/** What the media need of the rest of the call machine. */
interface MediaHost {
  /** What daily-js reads tracks from. */
  store: TrackStore;
  /** A request on the signalling; rejects with a `Refusal`. */
  request(method: string, params: Fields): Promise<any>;
  post(event: MachineEvent): void;
  /** The app's own tracks, as daily-js keeps them. */
  sharedTracks(): SharedTracks;
  /** The tracks of this participant are other than before. */
  changed(sessionId: string): void;
  /** This client's session id. */
  me(): string | null;
}

interface FlowCounts {
  bytes: number;
  packets: number;
  /** Seconds. */
  jitter: number | null;
}

interface KindCounts {
  recv: FlowCounts;
  send: FlowCounts;
  lost: { recv: number; send: number };
}

/** Counts of a connection at one moment. */
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
