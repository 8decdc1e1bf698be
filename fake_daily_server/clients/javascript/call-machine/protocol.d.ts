/** Types for the messages between daily-js, the call machine and the server; used only to type-check the scripts. */

type Fields = { [key: string]: any };

/** A message from daily-js. The parameters of the action are further fields. */
interface ActionMessage extends Fields {
  what: "iframe-call-message";
  from?: string;
  action: string;
  callClientId: string;
  /** Present if daily-js waits for a reply. */
  callbackStamp?: string;
}

/** An event for daily-js, which adds its `callClientId`. */
interface MachineEvent extends Fields {
  action: string;
}

/** A refused request: the HTTP status of the REST API, Daily's error code, a human-readable explanation. */
interface Refusal {
  status: number;
  error: string;
  info: string;
}

/** The content of a `{"media": …}` frame of the signalling. */
type MediaFrame = Fields;

/** The data for resuming a participant after its connection was lost. */
interface Resumption {
  sessionId: string;
  key: string;
  /** How long the room keeps the participant, in ms. */
  withinMs: number;
}

/** Callbacks of a room connection. */
interface ConnectionListener {
  event(event: MachineEvent): unknown;
  media(frame: MediaFrame): unknown;
  interrupted(): void;
  resumed(): void;
  /** Called when the connection is lost and could not be resumed. */
  lost(reason: string): void;
}

/** A participant in the signalling's format: times in ISO 8601, arrays instead of Sets. */
interface ServerParticipant extends Fields {
  session_id: string;
  local: boolean;
  joined_at: string;
  will_eject_at: string | null;
  tracks: { [name: string]: TrackState };
}

interface TrackState extends Fields {
  subscribed: boolean | "staged";
  state: string;
}

/** The state from which daily-js reads tracks. */
interface TrackStore {
  local: { streams: { [kind: string]: { stream?: MediaStream } }; public: Fields };
  streams: { [key: string]: Fields };
  participants: { [sessionId: string]: Fields };
}

/** daily-js's entry for one call object: `window._daily.instances[callClientId]`. */
interface DailyInstance extends Fields {
  callMachine?: { store: { getState(): TrackStore }; reset(): void };
  tracks?: { [name: string]: any };
}

interface Window {
  _daily?: { pendings: string[]; instances: { [callClientId: string]: DailyInstance } };
}
