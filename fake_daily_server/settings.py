"""The settings of a fake Daily. Defaults are the values that Daily documents, or this project's choices."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from fake_daily_server.values.telephony_types import Provider
from simulator.errors import ConfigurationError
from simulator.host_name import check_host, check_hosts
from simulator.numbers import check_number
from simulator.sip_timers import SipTimersName
from simulator.sip_tls import SipTls
from simulator.speech.voice_setting import VoiceSetting
from simulator.useragent.messages import AudioCodec
from simulator.validation_errors import as_configuration_error, unknown_name

FIXED_AT_START = frozenset(
    {"host", "port", "sip_port", "domain", "domain_id", "api_key", "allow_hosts", "public_address"}
    | {"rtp_relay", "symmetric_rtp", "sip_timers", "rtp_timeout", "personas", "voice", "transcriber"}
    | {"gateway_workers", "most_gateway_workers", "host_names", "allow_origins", "allow_file_pages"}
    | {"timeline_records", "sip_tls_port", "sip_tls_certificate", "sip_tls_key"}
)
"""Settings that a running server cannot change: its addresses and identity, its processes, and who may reach it."""

Port = Annotated[int, Field(ge=0, le=65535)]
"""A port number; 0 takes any free port."""


_LIMITS = {"gt": "greater than", "ge": "from", "lt": "less than", "le": "up to"}
"""The words for the limits of a number, by pydantic's names."""


class UnknownSetting(ConfigurationError):
    """There is no setting of this name; the text has the most similar one, or else all of them."""

    def __init__(self, name: str) -> None:
        super().__init__("setting", name, ", ".join(Settings.model_fields))
        self.args = (unknown_name("setting", name, tuple(Settings.model_fields)),)


class Settings(BaseModel):
    """The settings of one server. They are immutable; times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # --- addresses and identity ---
    host: str = "127.0.0.1"
    """The IPv4 address of this machine on which HTTP and SIP listen. From a loopback address, SIP and RTP reach this
    machine only."""
    port: Port = 7880
    """TCP port of the REST API, the signalling and `/_sim`; 0 takes any free port."""
    sip_port: Port = 5060
    """UDP and TCP port of the front door, the SIP address of all rooms and phones; 0 takes any free port."""
    sip_tls_port: Port | None = None
    """TLS port of the front door, usually 5061; 0 takes any free port. Without it there is no TLS."""
    sip_tls_certificate: Path | None = None
    """PEM file with the certificate for that port, and below it those that lead to its authority. Without one a
    self-signed certificate is made at each start; the first line that the server prints says where it is."""
    sip_tls_key: Path | None = None
    """PEM file with the private key of `sip_tls_certificate`, without a password."""
    public_address: str | None = None
    """The name or IPv4 address by which others reach the server, such as the name of a container: room URLs, `api_url`
    and the SIP URIs of rooms have it instead of `host`. Via, Contact, Record-Route and SDP have it if it is an IPv4
    address; all ports of that address have to lead to `host`."""
    domain: str = "sandbox"
    """Name of the Daily domain: 1 to 63 letters, digits and hyphens, without a hyphen at either end."""
    domain_id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    """Id of the domain, by default a random UUID. Meeting tokens carry it as the claim `d`."""
    api_key: str = Field(default_factory=lambda: secrets.token_hex(32), min_length=1)
    """The API key of the domain, random by default. It also signs meeting tokens, as with Daily."""

    # --- web pages ---
    allow_origins: tuple[str, ...] = ()
    """Origins of web pages that may use the server, beside those of loopback addresses: `https://app.test:8443`."""
    allow_file_pages: bool = False
    """Whether pages opened from a file may use the server. Their origin is `null`, which sandboxed frames of any site
    have as well."""
    host_names: tuple[str, ...] = ()
    """Names by which the server may be addressed, beside `localhost` and IP addresses. Other names are refused, since
    any site can point a name at this machine (DNS rebinding)."""

    # --- records ---
    timeline_records: int = Field(default=50_000, ge=1000)
    """How many records of the timeline are kept at least; the oldest are removed. 50,000 take 50 to 100 MB."""

    # --- REST ---
    ok: Literal["true"] | bool = True
    """`ok` in the responses of telephony routes: the boolean that Daily's server sends, as the changelog of its Ruby
    library says, or the string `"true"` of the samples in its reference."""
    sent: Literal["true"] | bool = True
    """`sent` in the responses of `send-app-message` and `set-session-data`: a boolean, or the string of Daily's
    reference."""
    rate_limits: bool = False
    """Whether requests beyond Daily's rate limits are answered with 429: most routes allow 100 in 5 s, deleting rooms
    and listing recordings 50 in 30 s. Off by default, since a test suite sends more than an application."""
    number_vendor: Literal["up", "down"] = "up"
    """`down` makes searching for and buying phone numbers fail with 500 `vendor-unavailable`."""
    unknown_properties: Literal["keep", "refuse"] = "keep"
    """Whether room, token and domain properties that Daily does not document are stored and returned, or refused with
    400."""
    max_participants: int = Field(default=200, ge=1)
    """Maximum number of participants of a room without `max_participants`, and the largest value of that property.
    Daily documents 200."""
    dialin_number: str = "+12095038039"
    """The phone number for PIN dial-in that all domains share: `config.dialin_number` of a room, if the domain has no
    number of its own for PIN dial-in."""

    # --- signalling ---
    reconnect_within_s: float = Field(default=5.0, gt=0, le=60)
    """How long a client that joined as `reconnectable` stays in the room after its connection is lost. Daily documents
    no value; 5 s are long enough to regain a network, and short enough for a test that waits for the participant to
    leave."""

    # --- webhooks ---
    webhook_timeout: float = Field(default=5.0, gt=0)
    """How long a customer's server may take to answer 200. Daily documents no value, only "relatively quickly"."""
    webhook_first_retry: float = Field(default=60.0, gt=0)
    """The delay between a failed first attempt to deliver an event and the second one, with `retryType: exponential`.
    Each further delay is twice the previous one, at most 15 minutes."""
    webhook_queue_limit: int = Field(default=1000, ge=1)
    """How many events may wait for delivery to one webhook. Further events are dropped, which the timeline records."""
    webhook_test_value: Literal["test"] | Literal[True] = "test"
    """The value of `test` in the test request to a new webhook. Users of Daily report both values; Daily documents
    none."""
    webhook_timestamp: Literal["ms", "s"] = "ms"
    """Unit of the header `X-Webhook-Timestamp`, which Daily does not document."""

    # --- SIP ---
    allow_hosts: tuple[str, ...] = ()
    """Names or addresses of hosts outside this machine that may be called, may call, and may receive webhooks. None by
    default."""
    rtp_relay: bool = True
    """Whether RTP passes the relay, which counts packets, reads DTMF digits, applies impairments and feeds captures."""
    symmetric_rtp: bool = True
    """Whether a peer is sent RTP where its own comes from, if its session description names another address, as that of
    a user agent in a container does."""
    sip_timers: SipTimersName = "rfc"
    """How long SIP waits for an answer: `rfc` 32 s (64*T1, RFC 3261 §17) as real peers do; `fast` 4 s, and 1.6 s for
    what the SIP stack sends by itself. The pytest fixtures and scenarios use `fast` unless told otherwise."""
    rtp_timeout: float | None = Field(default=60.0, gt=0)
    """How long an answered call goes on when a peer that has sent RTP or RTCP sends neither any more, because it has
    vanished. The call then ends with 408. Calls on hold, peers that only receive, and those that have never sent
    anything go on. None: calls end by SIP only."""
    phone_numbers: tuple[str, ...] = Field(default=("+14155550100", "+14155550101"), min_length=1)
    """The phone numbers that the domain has purchased, in E.164, oldest first. The oldest is the caller id of a
    dial-out without `callerId`."""
    personas: tuple[Path, ...] = ()
    """Folders with persona files of one's own, beside the personas of the project."""
    voice: VoiceSetting = "auto"
    """What says texts of phones and clients: `espeak` in words, with the extra `speech`; `babble` without words; a
    program, `{command: my-tts}`, that gets the text on stdin and prints a WAV file; `auto` is `espeak` where it is
    installed, and else `babble`."""
    transcriber: str | None = None
    """A function, `module:function`, for `expect_words`: it gets samples (int16) and their rate in Hz, and returns the
    words. None comes with the project."""
    gateway_workers: int = Field(default=1, ge=1, le=64)
    """How many SIP worker processes start with the server; each handles up to four calls."""
    most_gateway_workers: int = Field(default=16, ge=1, le=64)
    """Maximum number of SIP worker processes; further ones start as calls need them. 16 handle 64 calls."""
    dialout_in_plan: bool = True
    """Whether the plan of the domain includes dial-out. If not, no room may set `enable_dialout`."""
    phone_dialout: Literal["international", "domestic", "off"] = "international"
    """Which phone numbers the domain may dial; `domestic` numbers are those that begin with +1. SIP URIs are always
    allowed."""
    enable_dialin: Literal["obeyed", "echoed"] = "obeyed"
    """Whether the room property `enable_dialin` has an effect: true without `sip` provisions one SIP endpoint, false
    beside `sip` closes the endpoints. With `echoed` it is only stored and shown."""
    sip_uri_prefix: Literal["sip:", ""] = "sip:"
    """The beginning of `sip_uri.endpoint` of a room. Daily's documentation shows `sip:`; some clients add `sip:`
    themselves."""
    trunk_notification_limit: float = Field(default=12.0, gt=0)
    """How long the customer's server of a SIP trunk may take to accept a call, repeated requests included. Then the
    caller gets `480 Notification Failed`. Daily documents about 12 s."""
    trunk_idle_limit: float = Field(default=60.0, gt=0)
    """How long the caller of a SIP trunk waits alone in the room; then the call ends. Daily documents no value."""
    sip_client_algorithms: tuple[Literal["MD5", "SHA-256"], ...] = Field(default=("MD5",), min_length=1)
    """The algorithms of the challenges that SIP clients get, in order of preference; each is a header field of its own.
    Some clients can use only the first."""
    sip_client_least_expiry: int = Field(default=60, ge=1)
    """The shortest registration of a SIP client; one that asks for less is answered 423. Daily documents none."""
    sip_client_most_expiry: int = Field(default=3600, ge=1)
    """The longest registration of a SIP client, and that of one that asks for no time. Daily documents none."""
    provider: Provider = "daily"
    """`provider` in telephony events, if the request names none."""
    max_sip_pstn_sessions_per_room: int = Field(default=5, ge=0)
    """How many SIP and PSTN sessions a room may have at the same time. Daily documents 5, which Daily's support can
    raise."""
    session_limit_counts: Literal["endpoints", "connections"] = "endpoints"
    """Whether every provisioned dial-in endpoint counts towards `max_sip_pstn_sessions_per_room`, or only calls.
    Daily's pages state both."""
    concurrent_dialouts: bool = True
    """Whether a room may start a dial-out while another one is in progress. If not, the second one is refused
    (`DIALOUT_IN_PROGRESS`)."""
    inapplicable_options: Literal["ignored", "refused"] = "ignored"
    """What happens to options of startDialOut and sipCallTransfer that do not apply to the kind of target, such as
    `callerId` for a SIP URI: they are ignored, with a note on the timeline, or refused with 400. Daily's page of
    startDialOut says that it ignores them."""
    ring_timeout: float = Field(default=60.0, gt=0)
    """How long a dial-out rings before it is cancelled."""
    dialed_participant_joins: Literal["connected", "answered"] = "connected"
    """Whether the participant of a dial-out joins the room after dialout-connected, or after dialout-answered."""
    stopped_order: Literal["left-first", "stopped-first"] = "left-first"
    """Whether participant-left comes before dialout-stopped and dialin-stopped, or after them."""
    sip_dialout_codecs: tuple[AudioCodec, ...] = ("OPUS",)
    """Audio codecs of a dial-out to a SIP URI, in order of preference, if the request names none."""
    pstn_dialout_codecs: tuple[AudioCodec, ...] = ("PCMU", "PCMA")
    """Audio codecs of a dial-out to a phone number, in order of preference, if the request names none."""
    dialin_codecs: tuple[AudioCodec, ...] = ("OPUS", "G722", "PCMU", "PCMA")
    """Audio codecs of dial-in calls, in order of preference, if the room's `sip.codecs` names none."""
    hold_music: Path | None = None
    """A WAV file (16-bit PCM) to play to held callers instead of the built-in music."""
    hold_limit: float | None = Field(default=None, gt=0)
    """How long a caller is held before the timeout message is played. By default twice the length of `hold_music`, or
    40 s without it."""
    room_creation_timeout: float = Field(default=10.0, gt=0)
    """How long the server at `room_creation_api` may take to answer."""
    when_no_room_is_made: Literal["hold", "drop"] = "hold"
    """What happens to a held caller if the server at `room_creation_api` fails: with `hold` it stays on hold until
    `hold_limit`, with `drop` it hears the timeout message at once and is hung up."""
    pinless_timestamp: Literal["ms", "s"] = "ms"
    """Unit of the header `X-Pinless-Timestamp`. Daily's guide shows seconds; the live service was observed to send
    milliseconds."""
    code_key_timeout: float = Field(default=20.0, gt=0)
    """How long a caller who enters the code of a room may take for each digit."""
    transfer_events: Literal["origin", "none"] = "origin"
    """Which events of a transfer are sent to the room that the call leaves: with `origin` also the dialout-* events of
    the transfer target, which Pipecat's bots expect, with `none` only the participant-left of the call."""
    transfer_leaves_room: Literal["initiated", "answered"] = "initiated"
    """When a call that sipCallTransfer transfers leaves its room: once the target is called, at calltransfer.initiated,
    or once it has answered. With `answered`, a call whose target does not answer stays in the room; Pipecat's example
    of a cold transfer expects this. Daily documents no moment."""
    failed_transfer: Literal["hang_up", "return"] = "hang_up"
    """What happens to the transferee if the transfer target does not answer: it is hung up, or returned to the room."""
    hidden_participants_start_sip: bool = True
    """Whether a client without presence is enough to register the room's dial-in endpoints. If not, callers get 480
    until a client with presence joins."""
    replay_dialin_ready: bool = False
    """Whether a client receives dialin-ready for endpoints that were registered before it joined."""

    @model_validator(mode="after")
    def _check_tls(self) -> Settings:
        given = self.sip_tls_certificate or self.sip_tls_key
        if given is not None and self.sip_tls_port is None:
            raise ConfigurationError("sip_tls_port", None, f"a port for TLS, because {given} is given; usually 5061")
        tls_of(self)  # refuses a certificate without a key, and a key without a certificate
        return self

    @field_validator("phone_numbers")
    @classmethod
    def _phone_numbers_are_e164(cls, numbers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_number(number, name="phone_numbers") for number in numbers)

    @field_validator("allow_hosts", "host_names")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...], given: ValidationInfo) -> tuple[str, ...]:
        return check_hosts(hosts, name=given.field_name or "hosts")

    @field_validator("public_address")
    @classmethod
    def _public_address_is_a_host(cls, address: str | None) -> str | None:
        return None if address is None else check_host(address, name="public_address")

    @field_validator("domain")
    @classmethod
    def _domain_is_a_label(cls, domain: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", domain):
            raise ConfigurationError("domain", domain, "1 to 63 letters, digits and inner hyphens")
        return domain

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """Return these settings with `changes`.

        Raises ConfigurationError for unknown names, for invalid values, and for settings that are fixed at the start.
        """
        for name in FIXED_AT_START & changes.keys():
            raise ConfigurationError(
                name, changes[name], "no change while the server runs; it is given only at the start of a server"
            )
        return checked_settings({**dict(self), **changes}) if changes else self


def tls_of(settings: Settings) -> SipTls | None:
    """TLS of the front door; None without it."""
    if settings.sip_tls_port is None:
        return None
    return SipTls(settings.sip_tls_port, settings.sip_tls_certificate, settings.sip_tls_key)


def checked_settings(values: Mapping[str, Any]) -> Settings:
    """Return the settings with these values. Raises ConfigurationError for the first that is unknown or invalid."""
    for name in values:
        if name not in Settings.model_fields:
            raise UnknownSetting(name)
    try:
        return Settings.model_validate(values)
    except ValidationError as invalid:
        raise _with_range(as_configuration_error(invalid)) from None


def _with_range(error: ConfigurationError) -> ConfigurationError:
    """The error, where a number is wanted with the range of the setting."""
    field = Settings.model_fields.get(error.field)
    if field is None or error.allowed not in ("a number", "a whole number"):
        return error
    limits = [
        f"{words} {getattr(limit, name):g}"
        for limit in field.metadata
        for name, words in _LIMITS.items()
        if hasattr(limit, name)
    ]
    bounds = " and ".join(limits).replace(" and up to ", " to ")
    return ConfigurationError(error.field, error.value, f"{error.allowed} {bounds}".rstrip())
