import type { DailyCall, DailyEvent, DailyEventObject, DailyEventObjectDtmfEvent } from "@daily-co/daily-js";

/** Milliseconds. */
type Wait = { within?: number };

/** The fields of an event that matter: values, regular expressions for texts, or functions of the value. */
export type Where = { [field: string]: unknown };

/** Events that daily-js emits, `dtmf-event` included, which its own union of names leaves out. */
export type EventName = DailyEvent | "dtmf-event";
export type EventOf<Name extends EventName> = Name extends DailyEvent
  ? DailyEventObject<Name>
  : Omit<DailyEventObjectDtmfEvent, "action"> & { action: "dtmf-event" };

/**
 * The fake Daily named by DAILY_API_URL and DAILY_API_KEY, or a new one on free ports, which is then named there for the
 * code under test until `stop()`. The real Daily is never used, whoever names it.
 */
export function startDaily(options?: { python?: string; args?: string[] }): Promise<Daily>;

/** The next such event of a call object, or one that came already; each is handed out once. A failure says what came instead. */
export function expectEvent<Name extends EventName>(
  call: DailyCall,
  name: Name,
  where?: Where,
  options?: Wait,
): Promise<EventOf<Name>>;

/** Keep all that comes for a call object from now on; `expectEvent` does it at its first use. */
export function watch(call: DailyCall): DailyCall;

export class Daily {
  readonly apiUrl: string;
  readonly apiKey: string;
  /** The folder for `dailyConfig.bundlePathOverride`. */
  readonly callMachineUrl: string;
  /** `/_sim`, described in its openapi.json. */
  readonly controlUrl: string;
  /** @param properties Daily's room properties: `enable_dialout`, `sip`, `exp`, … */
  createRoom(
    properties?: { [property: string]: unknown },
    room?: { name?: string; privacy?: "public" | "private" },
  ): Promise<Room>;
  /** A phone of the simulated network. Without a number it has only a SIP URI. */
  phone(number?: string | null, behaviour?: { [field: string]: unknown }): Promise<Phone>;
  /** The carrier answers calls to a number with a SIP status, 503 when none is given, instead of putting them through. */
  refuse(number: string, answer?: { status?: number; reason?: string }): Promise<void>;
  restore(number: string): Promise<void>;
  /** Break a client's connection, as a lost network does; it can come back after `downMs`. */
  cutNetwork(client: string | DailyCall, downMs?: number): Promise<void>;
  /** Daily's REST API: `path` is below `/v1`. Rejects with DailyHttpError. */
  rest(method: string, path: string, body?: unknown): Promise<any>;
  /** The control API: `path` is below `/_sim`. Rejects with DailyHttpError. */
  control(method: string, path: string, body?: unknown): Promise<any>;
  /** No rooms, no phones, no calls. */
  reset(): Promise<void>;
  /** End it, when it was started here. */
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
  /** Its next call; each is handed out once, refused ones included. */
  call(options?: Wait): Promise<PhoneCall>;
  /** @param to a number or a SIP URI */
  dial(to: string, options?: { headers?: { [name: string]: string }; displayName?: string }): Promise<PhoneCall>;
  read(): Promise<any>;
  remove(): Promise<void>;
}

/** One call of a phone. What it was at the last verb is in `state`, `digits`, `headers`, …; `read()` reads it anew. */
export class PhoneCall {
  readonly sipCallId: string;
  /** `dialling`, `incoming`, `ringing`, `early`, `answered` or `ended`. */
  readonly state: string;
  /** The caller, or who was called. */
  readonly remote: string;
  /** The X- headers of the INVITE. */
  readonly headers: { [name: string]: string };
  /** Digits heard so far. */
  readonly digits: string;
  readonly ended: { status: number; reason: string; by: string } | null;
  read(): Promise<this>;
  answer(): Promise<this>;
  ring(): Promise<this>;
  /** 486 when no status is given. */
  reject(status?: number, reason?: string): Promise<this>;
  hangUp(): Promise<this>;
  hold(): Promise<this>;
  resume(): Promise<this>;
  /** Send the other side elsewhere, with a REFER. */
  transfer(to: string): Promise<this>;
  /** @param tones 0-9 A-D * # and `,` for a pause of a second */
  press(
    tones: string,
    options?: { method?: "auto" | "telephone-event" | "sip-info" | "in-band"; durationMs?: number; gapMs?: number },
  ): Promise<this>;
  /** Say a stand-in for a text, or so many seconds of babble. */
  say(what: string | number): Promise<this>;
  /** Until `hush()` when no seconds are given. */
  hum(hz: number, options?: { seconds?: number }): Promise<this>;
  hush(): Promise<this>;
  /** Wait until the call is answered, by either side. */
  expectAnswer(options?: Wait): Promise<this>;
  /** Wait until the call is over. */
  expectEnd(options?: Wait): Promise<this>;
  /** The keys that the other side presses next; those that were expected before are not looked at again. */
  expectDigits(digits: string, options?: { method?: "telephone-event" | "sip-info" } & Wait): Promise<this>;
  /** A tone of 0.3 s, alone or among others, from now on. */
  expectTone(hz: number, options?: Wait): Promise<this>;
  /** Exactly these tones at once, from now on. */
  expectTones(hz: number[], options?: Wait): Promise<this>;
  /** So many seconds on end. */
  expectSilence(seconds?: number, options?: Wait): Promise<this>;
  expectSpeech(options?: Wait): Promise<this>;
  /** Any verb of the control API for calls: `/_sim/phones/{id}/<verb>`. */
  act(verb: string, body?: { [field: string]: unknown }): Promise<this>;
}

/** An answer other than 2xx; `body` is `{error, info}`. */
export class DailyHttpError extends Error {
  readonly status: number;
  readonly body: any;
}
