/** What travels between the call machine, daily-js and the fake Daily; only types, only for checking the scripts. */

type Fields = { [key: string]: any };

/** One message from daily-js; what the action needs is beside these. */
interface ActionMessage extends Fields {
  what: "iframe-call-message";
  from?: string;
  action: string;
  callClientId: string;
  /** Present when daily-js awaits a reply. */
  callbackStamp?: string;
}

/** An event for daily-js, which adds its callClientId. */
interface MachineEvent extends Fields {
  action: string;
}

/** A refusal in the signalling: the status that REST would give, Daily's word, an explanation. */
interface Refusal {
  status: number;
  error: string;
  info: string;
}

/** `{"media": …}` of the signalling. */
type MediaFrame = Fields;

/** What a room connection tells its owner. */
interface ConnectionListener {
  event(event: MachineEvent): unknown;
  media(frame: MediaFrame): unknown;
  interrupted(): void;
  resumed(): void;
  /** It will not come back. */
  lost(why: string): void;
}

/** A participant as the signalling has it: times are ISO 8601, sets are lists. */
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

/** The state that daily-js reads tracks from. */
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
