import type { DailyCall, DailyEvent, DailyEventObject, DailyEventObjectDtmfEvent } from "@daily-co/daily-js";

/** The timeout in ms; 5000 by default. */
type Wait = { within?: number };

/** Required fields of an event: values, regular expressions for strings, or predicates. */
export type Where = { [field: string]: unknown };

/** Events that daily-js emits, including `dtmf-event`, which its own union of names lacks. */
export type EventName = DailyEvent | "dtmf-event";
export type EventOf<Name extends EventName> = Name extends DailyEvent
  ? DailyEventObject<Name>
  : Omit<DailyEventObjectDtmfEvent, "action"> & { action: "dtmf-event" };

/**
 * Use the fake Daily that DAILY_API_URL and DAILY_API_KEY name, or start one on free ports and set the variables to it
 * until `stop()`, for the code under test. The real Daily is never used, even if the variables name it.
 *
 * @param options a Python that has the simulator installed, options of `python -m fake_daily_server`, and settings by
 *   name, such as `{ ring_timeout: 5 }`. With settings a server is always started.
 */
export function startDaily(options?: {
  python?: string;
  args?: string[];
  settings?: { [name: string]: unknown };
}): Promise<Daily>;

/**
 * Wait for an event of a call object, or return one that was emitted already; each event is returned once. Rejects with
 * an error that lists the events emitted instead.
 */
export function expectEvent<Name extends EventName>(
  call: DailyCall,
  name: Name,
  where?: Where,
  options?: Wait,
): Promise<EventOf<Name>>;

/** Record all events of a call object from now on; `expectEvent` does this at its first use. */
export function watch(call: DailyCall): DailyCall;

export class Daily {
  readonly apiUrl: string;
  readonly apiKey: string;
  /** The URL for `dailyConfig.bundlePathOverride`. */
  readonly callMachineUrl: string;
  /** The URL of the control API, `/_sim`, which is described in its openapi.json. */
  readonly controlUrl: string;
  /**
   * Create a room. Rejects for a property that Daily does not document.
   *
   * @param properties Daily's room properties: `enable_dialout`, `sip`, `exp`, …
   */
  createRoom(
    properties?: { [property: string]: unknown },
    room?: { name?: string; privacy?: "public" | "private" },
  ): Promise<Room>;
  /** Add a phone to the simulated network. Without a number, the phone only has a SIP URI. */
  phone(number?: string | null, behaviour?: { [field: string]: unknown }): Promise<Phone>;
  /** Make the carrier refuse calls to a number with a SIP status, 503 by default, until `restore`. */
  refuse(number: string, answer?: { status?: number; reason?: string }): Promise<void>;
  /** Make the carrier accept calls to a number again. */
  restore(number: string): Promise<void>;
  /** Break the connection of a client, as a network failure does. The client can reconnect after `downMs`. */
  cutNetwork(client: string | DailyCall, downMs?: number): Promise<void>;
  /** Call Daily's REST API: `path` is below `/v1`. Rejects with DailyHttpError. */
  rest(method: string, path: string, body?: unknown): Promise<any>;
  /** Call the control API: `path` is below `/_sim`. Rejects with DailyHttpError. */
  control(method: string, path: string, body?: unknown): Promise<any>;
  /** Remove all rooms, phones and calls. @param settings those that differ until the next reset: `{ ring_timeout: 5 }` */
  reset(settings?: { [name: string]: unknown }): Promise<void>;
  /** Stop the server if `startDaily` started it. */
  stop(): Promise<void>;
}

export class Room {
  readonly name: string;
  readonly url: string;
  readonly config: { [property: string]: any };
  /** Create a meeting token for the room. @param properties Daily's: `is_owner`, `user_name`, `exp`, … */
  token(properties?: { [property: string]: unknown }): Promise<string>;
  /** Create an owner's meeting token for the room. */
  ownerToken(): Promise<string>;
}

export class Phone {
  readonly id: string;
  readonly number: string | null;
  readonly uri: string;
  /** Wait for the next incoming call; each call is returned once, including refused ones. */
  call(options?: Wait): Promise<PhoneCall>;
  /** Call a number or a SIP URI. */
  dial(to: string, options?: { headers?: { [name: string]: string }; displayName?: string }): Promise<PhoneCall>;
  /** Get the state of the phone, including its calls and received digits. */
  read(): Promise<any>;
  /** Remove the phone from the network; its calls are hung up. */
  remove(): Promise<void>;
}

/** One call of a phone. `state`, `digits`, `headers`, … have the values of the last verb; `read()` updates them. */
export class PhoneCall {
  readonly sipCallId: string;
  /** The state of the call: `dialling`, `incoming`, `ringing`, `early`, `answered` or `ended`. */
  readonly state: string;
  /** The number or SIP URI of the far end. */
  readonly remote: string;
  /** The X- header fields of the INVITE. */
  readonly headers: { [name: string]: string };
  /** The digits received so far. */
  readonly digits: string;
  /** How the call ended; null before its end. */
  readonly ended: { status: number; reason: string; by: string } | null;
  /** Update all properties of the call. */
  read(): Promise<this>;
  answer(): Promise<this>;
  ring(): Promise<this>;
  /** Refuse the call with a SIP status, 486 by default. */
  reject(status?: number, reason?: string): Promise<this>;
  hangUp(): Promise<this>;
  /** Put the far end on hold: silently, or with music, 390 and 490 Hz in turn, until `resume`; a room hears it. */
  hold(options?: { music?: boolean }): Promise<this>;
  resume(): Promise<this>;
  /** Ask the far end, with a REFER, to call `to`, a number or a SIP URI. */
  transfer(to: string): Promise<this>;
  /** Send DTMF digits. @param tones 0-9 A-D * # and `,` for a pause of 1 s */
  press(
    tones: string,
    options?: { method?: "auto" | "telephone-event" | "sip-info" | "in-band"; durationMs?: number; gapMs?: number },
  ): Promise<this>;
  /** Play speech-like audio for as long as a text takes to say, or for a number of seconds. */
  say(what: string | number): Promise<this>;
  /** Play a tone for `seconds`, or until `hush()`. */
  hum(hz: number, options?: { seconds?: number }): Promise<this>;
  hush(): Promise<this>;
  /** Wait until the call is answered, by either side. */
  expectAnswer(options?: Wait): Promise<this>;
  /** Wait until the call is over. */
  expectEnd(options?: Wait): Promise<this>;
  /** Wait for the next digits from the far end; digits that an earlier call has matched are ignored. */
  expectDigits(digits: string, options?: { method?: "telephone-event" | "sip-info" } & Wait): Promise<this>;
  /** Wait for a tone of at least 0.3 s, alone or among others. */
  expectTone(hz: number, options?: Wait): Promise<this>;
  /** Wait for exactly these simultaneous tones. */
  expectTones(hz: number[], options?: Wait): Promise<this>;
  /** Wait for uninterrupted silence of this duration. */
  expectSilence(seconds?: number, options?: Wait): Promise<this>;
  /** Wait for speech. */
  expectSpeech(options?: Wait): Promise<this>;
  /** Call any verb of the control API for calls: `/_sim/phones/{id}/<verb>`. */
  act(verb: string, body?: { [field: string]: unknown }): Promise<this>;
}

/** The fake Daily responded with a status other than 2xx; `body` is `{error, info}`. */
export class DailyHttpError extends Error {
  readonly status: number;
  readonly body: any;
}

/** A wait has failed; the message says what was expected, what came nearest, and why. */
export class ExpectationFailed extends DailyHttpError {}
