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
 * code under test until `stop()`.
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
  createRoom(properties?: { [property: string]: unknown }, room?: { name?: string; privacy?: "public" | "private" }): Promise<Room>;
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

/** What it was when it was last read; `read()` reads it anew. */
export class PhoneCall {
  readonly sipCallId: string;
  readonly state: string;
  readonly remote: string;
  readonly headers: { [name: string]: string };
  readonly digits: string;
  read(): Promise<this>;
  answer(): Promise<this>;
  ring(): Promise<this>;
  hangUp(): Promise<this>;
  hold(): Promise<this>;
  resume(): Promise<this>;
  reject(status?: number, reason?: string): Promise<this>;
  /** @param tones 0-9 A-D * # and `,` for a pause of a second */
  press(
    tones: string,
    options?: { method?: "auto" | "telephone-event" | "sip-info" | "inband"; durationMs?: number; gapMs?: number },
  ): Promise<this>;
  /** Wait until exactly these digits have been heard since the call began. */
  expectDigits(digits: string, options?: { method?: "telephone-event" | "sip-info" | "inband" } & Wait): Promise<void>;
  /** Wait until the call is answered, by either side. */
  expectAnswer(options?: Wait): Promise<void>;
  /** Wait until the call is over. */
  expectEnd(options?: Wait): Promise<{ status: number; reason: string; by: string }>;
}

/** An answer other than 2xx; `body` is `{error, info}`. */
export class DailyHttpError extends Error {
  readonly status: number;
  readonly body: any;
}
