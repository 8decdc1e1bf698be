"""The settings of a fake Daily. Where Daily's documentation states a value it is the default, else a choice is made."""

from __future__ import annotations

import re
import secrets
import uuid
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simulator.numbers import check_number
from simulator.sip_timers import SipTimersName
from simulator.useragent.messages import AudioCodec

Port = Annotated[int, Field(ge=0, le=65535)]
"""A port number; 0 takes any free port."""


class Settings(BaseModel):
    """Immutable for the life of a server. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # --- addresses and identity ---
    host: str = "127.0.0.1"
    """The loopback address on which HTTP and SIP listen."""
    port: Port = 7880
    """TCP port of the REST API, the signalling and `/_sim`; 0 takes any free port."""
    sip_port: Port = 5060
    """UDP and TCP port of the front door, the SIP address of all rooms and phones; 0 takes any free port."""
    domain: str = "sandbox"
    """Name of the Daily domain: at most 63 letters, digits and inner dashes."""
    domain_id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    """Id of the domain, a random UUID by default. It is the claim `d` of meeting tokens."""
    api_key: str = Field(default_factory=lambda: secrets.token_hex(32), min_length=1)
    """The API key of the domain, random by default. It also signs meeting tokens, as with Daily."""

    # --- REST ---
    ok: Literal["true"] | bool = "true"
    """`ok` in the answers of the telephony routes: the string of Daily's samples, or the boolean that some clients
    expect."""
    sent: Literal["true"] | bool = True
    """`sent` in the answers of `send-app-message` and `set-session-data`: a boolean, or the string of Daily's
    reference."""
    rate_limits: bool = False
    """Whether requests beyond Daily's rate limits are answered with 429: most routes allow 100 in 5 s, deleting rooms
    and listing recordings 50 in 30 s. Off by default, since a test suite sends more than an application."""
    number_vendor: Literal["up", "down"] = "up"
    """`down` lets searching and buying of phone numbers fail with 500, `vendor-unavailable`."""
    unknown_properties: Literal["keep", "refuse"] = "keep"
    """Whether room and token properties that this version does not know are stored and returned, or refused with
    400."""
    max_participants: int = Field(default=200, ge=1)
    """How many participants a room without `max_participants` may have, and the largest value of that property.
    Daily documents 200."""
    dialin_number: str = "+12095038039"
    """The number for PIN dial-in that all domains share. It is `config.dialin_number` of a room when the domain has no
    number of its own for PIN dial-in."""

    # --- signalling ---
    reconnect_within_s: float = Field(default=5.0, gt=0, le=60)
    """How long a reconnectable client whose connection was lost stays in the room. Daily documents no value; 5 s are
    enough to return to a network, and short enough for a test that waits until the participant has left."""

    # --- webhooks ---
    webhook_timeout: float = Field(default=5.0, gt=0)
    """How long a customer's server may take to answer 200. Daily documents no value, only "relatively quickly"."""
    webhook_first_retry: float = Field(default=60.0, gt=0)
    """How long after a failed first attempt an event is sent again with `retryType: exponential`. Each further delay is
    twice the one before, at most 15 minutes."""
    webhook_queue_limit: int = Field(default=1000, ge=1)
    """How many events may wait for one webhook. Further ones are dropped, which the timeline records."""
    webhook_test_value: Literal["test"] | Literal[True] = "test"
    """The value of `test` in the test request to a new webhook. Both values are reported of Daily, which documents
    none."""
    webhook_timestamp: Literal["ms", "s"] = "ms"
    """Unit of the header `X-Webhook-Timestamp`, which Daily does not document."""

    # --- SIP ---
    allow_hosts: tuple[str, ...] = ()
    """Hosts outside this machine that may be dialled, and that webhooks may be sent to. By default nothing leaves the
    machine."""
    rtp_relay: bool = True
    """Whether RTP passes the relay, which counts packets, reads DTMF digits, applies impairments and feeds captures."""
    sip_timers: SipTimersName = "rfc"
    """How long SIP waits for an answer: `rfc` 32 s (64*T1, RFC 3261 §17) as real peers do; `fast` 4 s, and 1.6 s for
    what the SIP stack sends by itself. The pytest fixtures and scenarios use `fast` unless told otherwise."""
    phone_numbers: tuple[str, ...] = Field(default=("+14155550100", "+14155550101"), min_length=1)
    """The phone numbers that the domain has purchased, in E.164, the oldest first. The oldest is the caller id of a
    dial-out that names none."""
    gateway_workers: int = Field(default=1, ge=1, le=64)
    """How many SIP worker processes are started with the server; each has up to four calls."""
    most_gateway_workers: int = Field(default=16, ge=1, le=64)
    """How many SIP worker processes there may be; they are started as calls need them. 16 of them have 64 calls."""
    dialout_in_plan: bool = True
    """Whether the plan of the domain includes dial-out. Without it no room may set `enable_dialout`."""
    phone_dialout: Literal["international", "domestic", "off"] = "international"
    """Which phone numbers the domain may dial; `domestic` are those that begin with +1. SIP URIs are always
    allowed."""
    sip_uri_prefix: Literal["sip:", ""] = "sip:"
    """How `sip_uri.endpoint` of a room begins. Daily's documentation shows `sip:`; some clients add it themselves."""
    provider: Literal["daily", "signalwire"] = "daily"
    """`provider` of telephony events, when the request names none."""
    max_sip_pstn_sessions_per_room: int = Field(default=5, ge=0)
    """How many SIP and PSTN sessions a room may have at the same time. Daily documents 5, which its support can
    raise."""
    session_limit_counts: Literal["endpoints", "connections"] = "endpoints"
    """Whether every provisioned dial-in endpoint counts towards that limit, or only calls. Daily's pages say both."""
    concurrent_dialouts: bool = True
    """Whether a room may start a dial-out while another one is in progress. With false the second one is refused
    (`DIALOUT_IN_PROGRESS`)."""
    ring_timeout: float = Field(default=60.0, gt=0)
    """How long a dial-out rings before it is cancelled."""
    dialed_participant_joins: Literal["connected", "answered"] = "connected"
    """Whether the participant of a dial-out joins the room after dialout-connected, or after dialout-answered."""
    stopped_order: Literal["left-first", "stopped-first"] = "left-first"
    """Whether participant-left comes before dialout-stopped and dialin-stopped, or after them."""
    sip_dialout_codecs: tuple[AudioCodec, ...] = ("OPUS",)
    """Audio codecs of a dial-out to a SIP URI, in order of preference, when neither the request nor the room's
    `sip.codecs` names any."""
    pstn_dialout_codecs: tuple[AudioCodec, ...] = ("PCMU", "PCMA")
    """Audio codecs of a dial-out to a phone number, likewise."""
    dialin_codecs: tuple[AudioCodec, ...] = ("OPUS", "G722", "PCMU", "PCMA")
    """Audio codecs of dial-in calls, likewise."""
    hold_music: Path | None = None
    """A WAV file (16-bit PCM) that is played to held callers, instead of the built-in music."""
    hold_limit: float | None = Field(default=None, gt=0)
    """How long a caller is held before the timeout message is played. By default twice the length of `hold_music`, or
    40 s without it."""
    room_creation_timeout: float = Field(default=10.0, gt=0)
    """How long the server at `room_creation_api` may take to answer."""
    when_no_room_is_made: Literal["hold", "drop"] = "hold"
    """What happens to a held caller when that server fails: it stays on hold until the limit, or hears the timeout
    message at once and is hung up."""
    pinless_timestamp: Literal["ms", "s"] = "ms"
    """Unit of the header `X-Pinless-Timestamp`. Daily's guide shows seconds; the live service was observed to send
    milliseconds."""
    code_key_timeout: float = Field(default=20.0, gt=0)
    """How long a caller who enters the code of a room may wait before each digit."""
    transfer_events: Literal["origin", "none"] = "origin"
    """Whether the room that a call is transferred out of receives dialout-* events of the transfer target, which
    Pipecat's bots expect, or only the participant-left of the call."""
    failed_transfer: Literal["hang_up", "return"] = "hang_up"
    """What happens to the caller when the transfer target does not answer: it is hung up, or returned to the room."""
    hidden_participants_start_sip: bool = True
    """Whether a participant without presence starts the room's dial-in endpoints. With false, callers get 480 until a
    participant with presence has joined."""
    replay_dialin_ready: bool = False
    """Whether a client that joins later receives dialin-ready for the endpoints that are registered already."""

    @field_validator("phone_numbers")
    @classmethod
    def _phone_numbers_are_e164(cls, numbers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_number(number, name="phone_numbers") for number in numbers)

    @field_validator("domain")
    @classmethod
    def _domain_is_a_label(cls, domain: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", domain):
            raise ValueError(f"domain {domain!r} is not usable; allowed: at most 63 letters, digits and inner dashes")
        return domain
