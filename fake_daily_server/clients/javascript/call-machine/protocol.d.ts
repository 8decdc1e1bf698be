/** Types of the messages between daily-js, the call machine and the server, for the type check of the scripts only. */

type Fields = { [key: string]: any };

/** A message of daily-js. The parameters of the action are further fields. */
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

/** A refusal in the signalling: the HTTP status that REST would give, Daily's error type, an explanation. */
interface Refusal {
  status: number;
  error: string;
  info: string;
}

/** `{"media": …}` of the signalling. */
type MediaFrame = Fields;

/** What resumes a participant after its connection was lost. */
interface Resumption {
  sessionId: string;
  key: string;
  /** For how long the room keeps the participant. */
  withinMs: number;
}

/** Callbacks of a room connection. */
interface ConnectionListener {
  event(event: MachineEvent): unknown;
  media(frame: MediaFrame): unknown;
  interrupted(): void;
  resumed(): void;
  /** The connection is lost for good. */
  lost(reason: string): void;
}

/** A participant as the signalling has it: times in ISO 8601, lists instead of sets. */
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

/** daily-js's side of one call object: `window._daily.instances[callClientId]`. */
interface DailyInstance extends Fields {
  callMachine?: { store: { getState(): TrackStore }; reset(): void };
  tracks?: { [name: string]: any };
}

interface Window {
  _daily?: { pendings: string[]; instances: { [callClientId: string]: DailyInstance } };
}
