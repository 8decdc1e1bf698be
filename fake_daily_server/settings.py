"""What can be chosen about the fake Daily, each with the value that Daily's documentation or its silence suggests."""

from __future__ import annotations

import re
import secrets
import uuid
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simulator.numbers import check_number
from simulator.useragent.messages import AudioCodec

Port = Annotated[int, Field(ge=0, le=65535)]
"""0 = any free one."""


class Settings(BaseModel):
    """Immutable; all of it stays for the server's life. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # --- where it listens, and who it is ---
    host: str = "127.0.0.1"
    port: Port = 7880
    """REST and signalling."""
    sip_port: Port = 5060
    """UDP and TCP of the front door."""
    domain: str = "sandbox"
    domain_id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    """The `d` claim of meeting tokens."""
    api_key: str = Field(default_factory=lambda: secrets.token_hex(32), min_length=1)
    """The one API key of the domain, random for each run; also the key that signs meeting tokens."""

    # --- REST ---
    ok: Literal["true"] | bool = "true"
    """`ok` of the telephony answers: Daily's samples have the string, some clients expect the boolean."""
    sent: Literal["true"] | bool = True
    """`sent` of the answers to send-app-message and set-session-data; Daily's reference shows the string."""
    rate_limits: bool = False
    """Whether more calls than Daily allows are answered with 429: 100 in 5 s, and 50 in 30 s for the slow class."""
    number_vendor: Literal["up", "down"] = "up"
    """Down: searching and buying phone numbers fails with 500 vendor-unavailable."""
    unknown_properties: Literal["keep", "refuse"] = "keep"
    """Room and token properties that this version does not know: kept and echoed, or refused with 400."""
    max_participants: int = Field(default=200, ge=1)
    """For rooms that set none, and the most that a room may set."""
    dialin_number: str = "+12095038039"
    """The global number for PIN dial-in: `config.dialin_number` of rooms when the domain has no number for it."""

    # --- signalling ---
    reconnect_within_s: float = Field(default=5.0, gt=0, le=60)
    """How long a client whose connection was lost keeps its place, if it asked for that. Long enough for a reload of
    the network's route, short enough for a test that waits for the participant to go; Daily says nothing of it."""

    # --- webhooks ---
    webhook_timeout: float = Field(default=5.0, gt=0)
    """How long a customer's server may take to answer 200; Daily's page says "relatively quickly"."""
    webhook_first_retry: float = Field(default=60.0, gt=0)
    """Before the second try of an event under `exponential`; each pause is twice the one before, up to 15 min."""
    webhook_queue_limit: int = Field(default=1000, ge=1)
    """Events that may wait for one webhook; what comes on top is dropped, and the timeline says so."""
    webhook_test_value: Literal["test"] | Literal[True] = "test"
    """What the trial request to a new webhook has as `test`."""
    webhook_timestamp: Literal["ms", "s"] = "ms"
    """Unit of `X-Webhook-Timestamp`, which Daily's page does not give."""

    # --- SIP ---
    allow_hosts: tuple[str, ...] = ()
    """Hosts outside this machine that may be dialled, and that webhooks may be sent to."""
    rtp_relay: bool = True
    """Whether RTP passes a relay, which counts packets, reads keys, makes bad lines and feeds captures."""
    phone_numbers: tuple[str, ...] = Field(default=("+14155550100", "+14155550101"), min_length=1)
    """The numbers that the domain has purchased, the oldest first; it is the caller id where a dial-out names none."""
    gateway_workers: int = Field(default=1, ge=1, le=64)
    """SIP processes at the start, four calls each."""
    most_gateway_workers: int = Field(default=16, ge=1, le=64)
    """SIP processes there may be; more are started as calls need them."""
    dialout_in_plan: bool = True
    """Whether the domain's plan has dial-out; without it no room may set `enable_dialout`."""
    phone_dialout: Literal["international", "domestic", "off"] = "international"
    """Which phone numbers the domain is approved to dial; domestic are those of +1. SIP targets need no approval."""
    sip_uri_prefix: Literal["sip:", ""] = "sip:"
    """How `sip_uri.endpoint` begins. Daily's documentation shows the prefix; some clients add it themselves."""
    provider: Literal["daily", "signalwire"] = "daily"
    """`provider` of telephony events when the request names none."""
    max_sip_pstn_sessions_per_room: int = Field(default=5, ge=0)
    session_limit_counts: Literal["endpoints", "connections"] = "endpoints"
    """Whether provisioned dial-in endpoints use up the limit, or only calls that exist."""
    concurrent_dialouts: bool = True
    """False: a second dial-out in a room is refused while one is in progress (DIALOUT_IN_PROGRESS)."""
    ring_timeout: float = Field(default=60.0, gt=0)
    """How long a dial-out may ring before it is given up."""
    dialed_participant_joins: Literal["connected", "answered"] = "connected"
    """After which dialout event the dialled participant appears in the room."""
    stopped_order: Literal["left-first", "stopped-first"] = "left-first"
    """Whether participant-left comes before dialout-stopped or dialin-stopped, or after."""
    sip_dialout_codecs: tuple[AudioCodec, ...] = ("OPUS",)
    pstn_dialout_codecs: tuple[AudioCodec, ...] = ("PCMU", "PCMA")
    dialin_codecs: tuple[AudioCodec, ...] = ("OPUS", "G722", "PCMU", "PCMA")
    """Preferences where neither the request nor the room's `sip.codecs` has any."""
    hold_music: Path | None = None
    """A WAV file (16-bit PCM) for callers on hold, instead of a tune of the fake's own."""
    hold_limit: float | None = Field(default=None, gt=0)
    """How long a caller is held before the timeout message; None: twice the length of `hold_music`, or 40 s."""
    room_creation_timeout: float = Field(default=10.0, gt=0)
    """How long the server at `room_creation_api` may take to answer."""
    when_no_room_is_made: Literal["hold", "drop"] = "hold"
    """What becomes of a held caller when that server fails: held until the limit, or told so at once and dropped."""
    pinless_timestamp: Literal["ms", "s"] = "ms"
    """Unit of `X-Pinless-Timestamp`: Daily's guide shows seconds, the live service is seen to send milliseconds."""
    code_key_timeout: float = Field(default=20.0, gt=0)
    """How long a caller who dials the code of a room may wait before the next key."""
    transfer_events: Literal["origin", "none"] = "origin"
    """Whether the room that a call is transferred out of hears dialout-* events of the target, as Pipecat's bots
    expect, or only that the call has left."""
    failed_transfer: Literal["hang_up", "return"] = "hang_up"
    """What becomes of the caller when the target of a transfer does not answer: hung up, or back in the room."""
    hidden_participants_start_sip: bool = True
    """Whether a participant without presence brings up the dial-in endpoints; if not, callers get 480 until
    somebody who is shown is there."""
    replay_dialin_ready: bool = False
    """Whether a client that joins a live session is told of the endpoints that are ready already."""

    @field_validator("phone_numbers")
    @classmethod
    def _phone_numbers_are_e164(cls, numbers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_number(number, name="phone_numbers") for number in numbers)

    @field_validator("domain")
    @classmethod
    def _domain_is_a_label(cls, domain: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", domain):
            raise ValueError(f"domain {domain!r} is not usable; allowed: letters, digits and inner dashes, at most 63")
        return domain
