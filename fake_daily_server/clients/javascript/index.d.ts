import type { DailyCall, DailyEvent, DailyEventObject, DailyEventObjectDtmfEvent } from "@daily-co/daily-js";

/** Milliseconds. */
type Wait = { within?: number };

/** Required fields of an event: values, regular expressions for strings, or functions of the value. */
export type Where = { [field: string]: unknown };

/** Events that daily-js emits, including `dtmf-event`, which its own union of names lacks. */
export type EventName = DailyEvent | "dtmf-event";
export type EventOf<Name extends EventName> = Name extends DailyEvent
  ? DailyEventObject<Name>
  : Omit<DailyEventObjectDtmfEvent, "action"> & { action: "dtmf-event" };

/**
 * Use the fake Daily named by DAILY_API_URL and DAILY_API_KEY, or start one on free ports. These variables name a
 * started one, for the code under test, until `stop()`. The real Daily is never used, even if the variables name it.
 */
export function startDaily(options?: { python?: string; args?: string[] }): Promise<Daily>;

/**
 * Wait for an event of a call object, or return one that came already; each is returned once. Rejects with the events
 * that came instead.
 */
export function expectEvent<Name extends EventName>(
  call: DailyCall,
  name: Name,
  where?: Where,
  options?: Wait,
): Promise<EventOf<Name>>;

/** Record all events of a call object from now on; `expectEvent` does so at its first use. */
export function watch(call: DailyCall): DailyCall;

export class Daily {
  readonly apiUrl: string;
  readonly apiKey: string;
  /** The URL for `dailyConfig.bundlePathOverride`. */
  readonly callMachineUrl: string;
  /** The URL of the control API `/_sim`, described in its openapi.json. */
  readonly controlUrl: string;
  /** @param properties Daily's room properties: `enable_dialout`, `sip`, `exp`, … */
  createRoom(
    properties?: { [property: string]: unknown },
    room?: { name?: string; privacy?: "public" | "private" },
  ): Promise<Room>;
  /** Add a phone to the simulated network. Without a number it has a SIP URI only. */
  phone(number?: string | null, behaviour?: { [field: string]: unknown }): Promise<Phone>;
  /** Let the carrier refuse calls to a number with a SIP status, 503 by default, until `restore`. */
  refuse(number: string, answer?: { status?: number; reason?: string }): Promise<void>;
  restore(number: string): Promise<void>;
  /** Break the connection of a client, as a lost network does. The client can reconnect after `downMs`. */
  cutNetwork(client: string | DailyCall, downMs?: number): Promise<void>;
  /** Call Daily's REST API: `path` is below `/v1`. Rejects with DailyHttpError. */
  rest(method: string, path: string, body?: unknown): Promise<any>;
  /** Call the control API: `path` is below `/_sim`. Rejects with DailyHttpError. */
  control(method: string, path: string, body?: unknown): Promise<any>;
  /** Remove all rooms, phones and calls. */
  reset(): Promise<void>;
  /** Stop the server if `startDaily` started it. */
  stop(): Promise<void>;
}

export class Room {
  readonly name: string;
  readonly url: string;
  readonly config: { [property: string]: any };
  /** @param properties Daily's token properties: `is_owner`, `user_name`, `exp`, … */
  token(properties?: { [property: string]: unknown }): Promise<string>;
  ownerToken(): Promise<string>;
}

export class Phone {
  readonly id: string;
  readonly number: string | null;
  readonly uri: string;
  /** Wait for the next incoming call; each is returned once, refused ones included. */
  call(options?: Wait): Promise<PhoneCall>;
  /** @param to a number or a SIP URI */
  dial(to: string, options?: { headers?: { [name: string]: string }; displayName?: string }): Promise<PhoneCall>;
  read(): Promise<any>;
  remove(): Promise<void>;
}

/** One call of a phone. `state`, `digits`, `headers`, … are as of the last verb; `read()` updates them. */
export class PhoneCall {
  readonly sipCallId: string;
  /** `dialling`, `incoming`, `ringing`, `early`, `answered` or `ended`. */
  readonly state: string;
  /** The number or SIP URI of the other party. */
  readonly remote: string;
  /** The X- headers of the INVITE. */
  readonly headers: { [name: string]: string };
  /** The digits received so far. */
  readonly digits: string;
  readonly ended: { status: number; reason: string; by: string } | null;
  read(): Promise<this>;
  answer(): Promise<this>;
  ring(): Promise<this>;
  /** The default status is 486. */
  reject(status?: number, reason?: string): Promise<this>;
  hangUp(): Promise<this>;
  hold(): Promise<this>;
  resume(): Promise<this>;
  /** Transfer the other party with a REFER. */
  transfer(to: string): Promise<this>;
  /** Send digits. @param tones 0-9 A-D * # and `,` for a pause of a second */
  press(
    tones: string,
    options?: { method?: "auto" | "telephone-event" | "sip-info" | "in-band"; durationMs?: number; gapMs?: number },
  ): Promise<this>;
  /** Play speech-like audio, as long as the text takes to say, or for a number of seconds. */
  say(what: string | number): Promise<this>;
  /** Play a tone, until `hush()` by default. */
  hum(hz: number, options?: { seconds?: number }): Promise<this>;
  hush(): Promise<this>;
  /** Wait until the call is answered, by either side. */
  expectAnswer(options?: Wait): Promise<this>;
  /** Wait until the call is over. */
  expectEnd(options?: Wait): Promise<this>;
  /** Wait for the next digits of the other party; digits that earlier calls matched are not considered again. */
  expectDigits(digits: string, options?: { method?: "telephone-event" | "sip-info" } & Wait): Promise<this>;
  /** Wait for a tone of 0.3 s, alone or among others, from now on. */
  expectTone(hz: number, options?: Wait): Promise<this>;
  /** Wait for exactly these tones at the same time, from now on. */
  expectTones(hz: number[], options?: Wait): Promise<this>;
  /** Wait for silence without interruption. */
  expectSilence(seconds?: number, options?: Wait): Promise<this>;
  /** Wait for speech. */
  expectSpeech(options?: Wait): Promise<this>;
  /** Call any verb of the control API for calls: `/_sim/phones/{id}/<verb>`. */
  act(verb: string, body?: { [field: string]: unknown }): Promise<this>;
}

/** The fake Daily has answered with a status other than 2xx; `body` is `{error, info}`. */
export class DailyHttpError extends Error {
  readonly status: number;
  readonly body: any;
}
